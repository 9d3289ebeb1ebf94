-- Links by which a customer goes on in a chat window: the hash of the link, and the visitor of the browser that has opened it.
CREATE TABLE continuation (
    link         TEXT PRIMARY KEY,
    channel      TEXT NOT NULL,
    visitor      TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX continuation_visitor ON continuation (channel, visitor);
CREATE INDEX continuation_conversation ON continuation (conversation);

-- What a card shows at once of somebody with a long past.
CREATE INDEX message_note ON message (person, at, id) WHERE kind = 'note';
CREATE INDEX message_files ON message (person, at, id) WHERE files IS NOT NULL;
CREATE INDEX message_out ON message (person, at, id) WHERE kind = 'out';

-- What the firm's own system says of customers: their records (an identity of kind `record` names one), as JSON, and their orders.
CREATE TABLE record (
    id      TEXT PRIMARY KEY,
    body    TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE purchase (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    record TEXT NOT NULL,
    number TEXT NOT NULL,
    at     INTEGER NOT NULL,
    title  TEXT NOT NULL,
    state  TEXT NOT NULL,
    amount TEXT NOT NULL DEFAULT '',
    url    TEXT NOT NULL DEFAULT '',
    UNIQUE (record, number)
) STRICT;
CREATE INDEX purchase_record ON purchase (record, at, id);
-- When somebody was asked for last, so that they are not asked for at each look.
CREATE TABLE record_asked (
    person INTEGER PRIMARY KEY REFERENCES person (id),
    at     INTEGER NOT NULL
) STRICT;
-- Events of the firm's system that were taken: what is told again is known.
CREATE TABLE record_event (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Pages of the firm's site that a visitor has looked at, where the site may tell.
CREATE TABLE visit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL,
    namespace TEXT NOT NULL,
    value     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    url       TEXT NOT NULL,
    title     TEXT NOT NULL
) STRICT;
CREATE INDEX visit_whose ON visit (kind, namespace, value, at, id);
