-- What a customer has agreed to, who wrote it down, and when: `unknown`, `offers` or `service_only`.
ALTER TABLE person ADD COLUMN consent TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE person ADD COLUMN consent_by TEXT;
ALTER TABLE person ADD COLUMN consent_at INTEGER;

-- Messages that the house sends of its own accord. `asker` is a token or a rule; its key makes one of what it asks twice.
CREATE TABLE proactive (
    id       INTEGER PRIMARY KEY,
    asker    TEXT NOT NULL,
    key      TEXT NOT NULL,
    digest   TEXT NOT NULL,
    person   INTEGER,
    purpose  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT NOT NULL,
    why      TEXT,
    until_at INTEGER,
    sent_at  INTEGER,
    message  INTEGER,
    channel  TEXT,
    UNIQUE (asker, key)
) STRICT;
CREATE INDEX proactive_person ON proactive (person, sent_at) WHERE purpose = 'offer';
