-- What agents have made of messages of theirs: other words, or none. Numbered among the messages, because each goes out like one.
CREATE TABLE amendment (
    id           INTEGER PRIMARY KEY,
    message      INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    agent        TEXT NOT NULL,
    -- NULL: it was taken back.
    text         TEXT,
    at           INTEGER NOT NULL,
    -- The platform was asked.
    begun_at     INTEGER,
    -- The message had not gone out yet: it went out so, or not at all.
    folded       INTEGER NOT NULL DEFAULT 0,
    delivery     TEXT NOT NULL,
    failure      TEXT,
    -- What the customer saw before, once they see it no more.
    was          TEXT,
    was_files    TEXT,
    was_extra    TEXT
) STRICT;
CREATE INDEX amendment_message ON amendment (message);
CREATE INDEX amendment_conversation ON amendment (conversation);
CREATE INDEX amendment_queued ON amendment (id) WHERE delivery = 'queued';

CREATE INDEX piece_id_message ON piece_id (message);
