-- How an identity is known to be its person's: `platform`, `dkim`, `union`, `account`, `link` or `agent`; NULL: nobody vouches for it.
ALTER TABLE identity ADD COLUMN proof TEXT;
ALTER TABLE identity ADD COLUMN proved_at INTEGER;
UPDATE identity SET proved_at = created_at, proof = CASE
    WHEN kind = 'phone' AND value LIKE '+%' THEN 'platform'
    WHEN kind = 'user' THEN 'account'
    WHEN kind = 'wechat_union' THEN 'union'
    WHEN kind IN ('phone', 'email', 'webchat', 'sip', 'anonymous', 'agent') THEN NULL
    ELSE 'platform' END;
UPDATE identity SET proved_at = NULL WHERE proof IS NULL;

-- Who has become somebody else keeps their row, so that they can be themselves again.
ALTER TABLE person ADD COLUMN merged_into INTEGER REFERENCES person (id);
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX person_name ON person (name, company) WHERE company <> '';

-- `other` has become `person`. `moved` is what they brought along, `before` what of `person` was changed and what it was, both as JSON.
CREATE TABLE merge (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    person    INTEGER NOT NULL REFERENCES person (id),
    other     INTEGER NOT NULL REFERENCES person (id),
    by        TEXT NOT NULL,
    at        INTEGER NOT NULL,
    why       TEXT NOT NULL,
    moved     TEXT NOT NULL,
    before    TEXT NOT NULL,
    undone_at INTEGER,
    undone_by TEXT
) STRICT;
CREATE INDEX merge_person ON merge (person) WHERE undone_at IS NULL;
CREATE INDEX merge_other ON merge (other) WHERE undone_at IS NULL;

-- What hints that the one of an identity is also the one of another. `other_value` of a number that somebody has written is its digits back to
-- front, without the zeros in front.
CREATE TABLE clue (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    what            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    namespace       TEXT NOT NULL,
    value           TEXT NOT NULL,
    other_kind      TEXT NOT NULL,
    other_namespace TEXT NOT NULL,
    other_value     TEXT NOT NULL,
    message         INTEGER,
    at              INTEGER NOT NULL,
    UNIQUE (what, kind, namespace, value, other_kind, other_namespace, other_value)
) STRICT;
CREATE INDEX clue_one ON clue (kind, namespace, value);
CREATE INDEX clue_other ON clue (other_kind, other_value);

-- Two of whom an agent knows that they are two; the smaller number first.
CREATE TABLE kept_apart (
    one   INTEGER NOT NULL REFERENCES person (id),
    other INTEGER NOT NULL REFERENCES person (id),
    by    TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
