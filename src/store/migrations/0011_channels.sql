-- What a message is besides text and files, as JSON.
ALTER TABLE message ADD COLUMN extra TEXT;
-- The platform's own order among messages of the same moment.
ALTER TABLE message ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_order ON message (conversation, sent_at, seq) WHERE kind = 'in';

-- `edited` or `recalled` by its writer; what it was stands in the log.
ALTER TABLE message ADD COLUMN changed TEXT;

-- Events of platforms as they came, kept before they are acknowledged. `done_at` is when everything that they mean was recorded; the body
-- goes some days later, the key stays, so that what is told again is known.
CREATE TABLE channel_event (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    key     TEXT NOT NULL,
    at      INTEGER NOT NULL,
    body    BLOB NOT NULL,
    done_at INTEGER,
    failure TEXT,
    UNIQUE (channel, key)
) STRICT;
CREATE INDEX channel_event_open ON channel_event (channel, id) WHERE done_at IS NULL;
CREATE INDEX channel_event_at ON channel_event (at);

-- How far a channel that is polled has been read.
CREATE TABLE channel_cursor (
    channel TEXT PRIMARY KEY,
    value   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Pieces of outgoing messages: begun before the platform is asked, so that a restart knows what may have been sent already.
CREATE TABLE piece (
    message  INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    part     INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    sent_at  INTEGER,
    PRIMARY KEY (message, part)
) STRICT, WITHOUT ROWID;

-- The platform's ids of our pieces, and what it told of ids that we did not know yet.
CREATE TABLE piece_id (
    channel     TEXT NOT NULL,
    external_id TEXT NOT NULL,
    message     INTEGER NOT NULL,
    part        INTEGER NOT NULL,
    PRIMARY KEY (channel, external_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE early_receipt (
    channel     TEXT NOT NULL,
    external_id TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT,
    at          INTEGER NOT NULL,
    PRIMARY KEY (channel, external_id, state)
) STRICT, WITHOUT ROWID;

-- Names by which a thread is known, such as the Message-IDs of a letter.
CREATE TABLE thread (
    channel      TEXT NOT NULL,
    name         TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    at           INTEGER NOT NULL,
    PRIMARY KEY (channel, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_conversation ON thread (conversation, at);
