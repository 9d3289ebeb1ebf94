-- Fields of customers that the configuration declares.
CREATE TABLE person_field (
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    field  TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (person, field)
) STRICT, WITHOUT ROWID;

-- Lists of customers that were brought in. state: new, running, done, failed, broken. `mapping` and `problems` are JSON; the file is kept until
-- it is done.
CREATE TABLE person_import (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL,
    by       TEXT NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT NOT NULL,
    text     TEXT NOT NULL,
    mapping  TEXT NOT NULL,
    total    INTEGER NOT NULL DEFAULT 0,
    done     INTEGER NOT NULL DEFAULT 0,
    added    INTEGER NOT NULL DEFAULT 0,
    changed  INTEGER NOT NULL DEFAULT 0,
    skipped  INTEGER NOT NULL DEFAULT 0,
    problems TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- Who blocked a customer, when and why.
ALTER TABLE person ADD COLUMN blocked_by TEXT;
ALTER TABLE person ADD COLUMN blocked_at INTEGER;
ALTER TABLE person ADD COLUMN blocked_why TEXT NOT NULL DEFAULT '';
CREATE INDEX person_blocked ON person (blocked_at) WHERE blocked = 1;
