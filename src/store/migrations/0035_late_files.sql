-- Files of customers that their platform does not give yet: asked for again until it does. The message is there, with words in their place.
CREATE TABLE late_file (
    id          INTEGER PRIMARY KEY,
    channel     TEXT NOT NULL,
    -- The message that brings it, as its platform names it, and which of its files this is.
    external_id TEXT NOT NULL,
    place       INTEGER NOT NULL,
    -- Where it is, in the platform's own terms.
    media       TEXT NOT NULL,
    name        TEXT NOT NULL,
    -- What stands in the message in its place.
    instead     TEXT NOT NULL,
    -- Whose it is.
    sender      TEXT NOT NULL,
    since       INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    UNIQUE (channel, external_id, place)
) STRICT;
CREATE INDEX late_file_next ON late_file (next_at);
