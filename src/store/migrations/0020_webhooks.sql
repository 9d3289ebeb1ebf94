-- How far the log has been told to each address, and whether it has asked to be told no more.
CREATE TABLE webhook (
    id         TEXT PRIMARY KEY,
    seq        INTEGER NOT NULL,
    stopped_at INTEGER
) STRICT;

-- What is to be told, or was. `seq` is the event of the log; NULL for a trial. `state`: `waits`, `done`, `given_up`.
CREATE TABLE webhook_delivery (
    id      INTEGER PRIMARY KEY,
    webhook TEXT NOT NULL,
    seq     INTEGER,
    kind    TEXT NOT NULL,
    body    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    state   TEXT NOT NULL DEFAULT 'waits',
    tries   INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    last_at INTEGER,
    status  INTEGER,
    failure TEXT,
    UNIQUE (webhook, seq)
) STRICT;
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at, id) WHERE state = 'waits';
CREATE INDEX webhook_delivery_given_up ON webhook_delivery (webhook, id) WHERE state = 'given_up';
CREATE INDEX webhook_delivery_at ON webhook_delivery (at);
