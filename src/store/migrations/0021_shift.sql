-- What an agent is told of besides the work itself. kind: mention, follow, task. A time to come: it is told then.
CREATE TABLE notice (
    id        INTEGER PRIMARY KEY,
    agent     TEXT NOT NULL,
    kind      TEXT NOT NULL,
    person    INTEGER REFERENCES person (id),
    work_kind TEXT,
    work      INTEGER,
    by        TEXT,
    text      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    seen_at   INTEGER
) STRICT;
CREATE INDEX notice_agent ON notice (agent, seen_at, at);
CREATE INDEX notice_person ON notice (person, at);
-- Of what one follows, one line stands until it is seen.
CREATE UNIQUE INDEX notice_follow ON notice (agent, person) WHERE kind = 'follow' AND seen_at IS NULL;

CREATE TABLE follower (
    person INTEGER NOT NULL REFERENCES person (id),
    agent  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (person, agent)
) STRICT, WITHOUT ROWID;

-- What colleagues write to each other. room: house, queue/<queue>, or pair/<agent>/<agent> in the order of the names.
CREATE TABLE team_line (
    id   INTEGER PRIMARY KEY,
    room TEXT NOT NULL,
    by   TEXT NOT NULL,
    text TEXT NOT NULL,
    at   INTEGER NOT NULL,
    key  TEXT NOT NULL,
    UNIQUE (by, key)
) STRICT;
CREATE INDEX team_line_room ON team_line (room, id);
CREATE TABLE team_seen (
    agent TEXT NOT NULL,
    room  TEXT NOT NULL,
    upto  INTEGER NOT NULL,
    PRIMARY KEY (agent, room)
) STRICT, WITHOUT ROWID;

-- A choice of conversations under a name. query: as it stands in the address.
CREATE TABLE view (
    id     INTEGER PRIMARY KEY,
    owner  TEXT NOT NULL,
    shared INTEGER NOT NULL,
    name   TEXT NOT NULL,
    query  TEXT NOT NULL,
    UNIQUE (owner, name)
) STRICT;

-- Canned replies stand in folders and belong to all, to a queue or to one agent: `all`, `queue/<queue>`, `agent/<agent>`.
CREATE TABLE canned_new (
    id         INTEGER PRIMARY KEY,
    shortcut   TEXT NOT NULL,
    title      TEXT NOT NULL,
    text       TEXT NOT NULL,
    language   TEXT NOT NULL,
    folder     TEXT NOT NULL,
    shared     TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    UNIQUE (shared, shortcut, language)
) STRICT;
INSERT INTO canned_new SELECT id, shortcut, title, text, language, '', 'all', changed_at, changed_by FROM canned;
DROP TABLE canned;
ALTER TABLE canned_new RENAME TO canned;

-- What is often done in a row; `steps` is JSON, `shared` as above.
CREATE TABLE macro (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    folder     TEXT NOT NULL,
    shared     TEXT NOT NULL,
    steps      TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    UNIQUE (shared, name)
) STRICT;

-- What is said, step by step; `queue` empty: everywhere.
CREATE TABLE script (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    queue      TEXT NOT NULL,
    language   TEXT NOT NULL,
    text       TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    UNIQUE (name, language)
) STRICT;

-- What one agent did today is counted without reading what everybody ever did.
CREATE INDEX message_agent ON message (agent, at) WHERE agent IS NOT NULL;
CREATE INDEX conversation_resolved_by ON conversation (resolved_by, resolved_at) WHERE resolved_by IS NOT NULL;
CREATE INDEX routing_agent ON routing (agent, at) WHERE agent IS NOT NULL;
