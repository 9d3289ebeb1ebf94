-- The first schema. Times are milliseconds since 1970 UTC, ids are minted by the desk unless said otherwise,
-- words (states, causes, kinds) are the same as in the JSON of the facts.

CREATE TABLE person (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL,
    tier            TEXT,
    language        TEXT,
    dedicated_agent TEXT,
    last_agent      TEXT,
    blocked         INTEGER NOT NULL DEFAULT 0,
    company         TEXT NOT NULL DEFAULT '',
    about           TEXT NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL,
    contact_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX person_contact ON person (contact_at, id);

-- `reversed` holds the digits of a number back to front: "the number ends in 4321" is then a prefix of an index.
CREATE TABLE identity (
    id         INTEGER PRIMARY KEY,
    person     INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    namespace  TEXT NOT NULL,
    value      TEXT NOT NULL,
    reversed   TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (kind, namespace, value)
) STRICT;
CREATE INDEX identity_person ON identity (person);
CREATE INDEX identity_reversed ON identity (reversed) WHERE reversed IS NOT NULL;

CREATE TABLE tag (
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    PRIMARY KEY (person, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_name ON tag (name);

-- state: open (nobody has it), waiting, offered, serving, resolved. `agent` serves it, or served it last.
CREATE TABLE conversation (
    id               INTEGER PRIMARY KEY,
    person           INTEGER NOT NULL REFERENCES person (id),
    channel          TEXT NOT NULL,
    kind             TEXT NOT NULL,
    namespace        TEXT NOT NULL,
    value            TEXT NOT NULL,
    page             TEXT,
    state            TEXT NOT NULL,
    queue            TEXT,
    agent            TEXT,
    opened_at        INTEGER NOT NULL,
    queued_at        INTEGER,
    assigned_at      INTEGER,
    waited_ms        INTEGER,
    last_at          INTEGER NOT NULL,
    last_line        TEXT NOT NULL DEFAULT '',
    last_by          TEXT NOT NULL DEFAULT 'customer',
    unread           INTEGER NOT NULL DEFAULT 0,
    read_by_agent    INTEGER NOT NULL DEFAULT 0,
    read_by_customer INTEGER NOT NULL DEFAULT 0,
    customer_left_at INTEGER,
    resolved_at      INTEGER,
    resolved_by      TEXT,
    disposition      TEXT
) STRICT;
CREATE INDEX conversation_person ON conversation (person, opened_at, id);
CREATE INDEX conversation_open ON conversation (state, agent, last_at) WHERE state <> 'resolved';
CREATE INDEX conversation_identity ON conversation (channel, kind, namespace, value, id);

-- kind: in (from the customer), out (from an agent), auto (from the house), note (never leaves the house).
CREATE TABLE message (
    id           INTEGER PRIMARY KEY,
    person       INTEGER NOT NULL REFERENCES person (id),
    conversation INTEGER REFERENCES conversation (id),
    call         INTEGER,
    channel      TEXT,
    external_id  TEXT,
    kind         TEXT NOT NULL,
    agent        TEXT,
    text         TEXT NOT NULL,
    files        TEXT,
    at           INTEGER NOT NULL,
    sent_at      INTEGER,
    delivery     TEXT,
    failure      TEXT,
    key          TEXT,
    UNIQUE (channel, external_id)
) STRICT;
CREATE INDEX message_person ON message (person, at, id);
CREATE INDEX message_conversation ON message (conversation, id);
CREATE INDEX message_unsent ON message (delivery, id) WHERE delivery = 'queued';
-- An agent's page repeats a reply with the same key when it heard no answer: the second lock beside the desk's own.
CREATE UNIQUE INDEX message_key ON message (conversation, key) WHERE key <> '' AND agent IS NOT NULL;

CREATE TABLE message_file (
    file    INTEGER NOT NULL,
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    PRIMARY KEY (file, message)
) STRICT, WITHOUT ROWID;

-- The store mints these ids. `by` is `agent/mara` or the identity of a visitor.
CREATE TABLE file (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    mime       TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    by         TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- state: arriving, waiting, talking, ended. `agent` has it, or had it last.
CREATE TABLE call (
    id          INTEGER PRIMARY KEY,
    person      INTEGER NOT NULL REFERENCES person (id),
    trunk       TEXT NOT NULL,
    caller      TEXT NOT NULL,
    dialled     TEXT NOT NULL,
    state       TEXT NOT NULL,
    queue       TEXT,
    agent       TEXT,
    started_at  INTEGER NOT NULL,
    answered_at INTEGER,
    queued_at   INTEGER,
    bridged_at  INTEGER,
    waited_ms   INTEGER,
    ended_at    INTEGER,
    ended_by    TEXT,
    end_cause   TEXT,
    disposition TEXT,
    wrap_note   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX call_person ON call (person, started_at, id);
CREATE INDEX call_started ON call (started_at, id);
CREATE INDEX call_live ON call (id) WHERE ended_at IS NULL;

-- One row per party: the customer (agent NULL) and each time an agent was on the call.
CREATE TABLE leg (
    id           INTEGER PRIMARY KEY,
    call         INTEGER NOT NULL REFERENCES call (id),
    agent        TEXT,
    started_at   INTEGER NOT NULL,
    bridged_at   INTEGER,
    ended_at     INTEGER,
    held_since   INTEGER,
    hold_ms      INTEGER NOT NULL DEFAULT 0,
    packets      INTEGER,
    loss_percent REAL,
    jitter_ms    REAL,
    rtt_ms       REAL,
    mos          REAL
) STRICT;
CREATE INDEX leg_call ON leg (call, id);
CREATE INDEX leg_agent ON leg (agent, started_at) WHERE agent IS NOT NULL;

-- state: recording, done, failed.
CREATE TABLE recording (
    file       TEXT PRIMARY KEY,
    call       INTEGER NOT NULL REFERENCES call (id),
    state      TEXT NOT NULL,
    paused     INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    millis     INTEGER,
    bytes      INTEGER,
    error      TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX recording_call ON recording (call);
CREATE INDEX recording_open ON recording (state) WHERE state = 'recording';

CREATE TABLE callback (
    call    INTEGER PRIMARY KEY REFERENCES call (id),
    person  INTEGER NOT NULL REFERENCES person (id),
    number  TEXT NOT NULL,
    cause   TEXT NOT NULL,
    due_at  INTEGER NOT NULL,
    done_at INTEGER,
    done_by TEXT
) STRICT;
CREATE INDEX callback_due ON callback (due_at) WHERE done_at IS NULL;
CREATE INDEX callback_person ON callback (person);

-- What happened to a call or conversation on its way: queued, offered (with the decision), offer_ended, assigned, …
CREATE TABLE routing (
    id        INTEGER PRIMARY KEY,
    work_kind TEXT NOT NULL,
    work      INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    queue     TEXT,
    agent     TEXT,
    how       TEXT,
    detail    TEXT
) STRICT;
CREATE INDEX routing_work ON routing (work_kind, work, id);

CREATE TABLE agent_status (
    id     INTEGER PRIMARY KEY,
    agent  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    why    TEXT NOT NULL
) STRICT;
CREATE INDEX agent_status_agent ON agent_status (agent, at);

CREATE TABLE ticket (
    id          INTEGER PRIMARY KEY,
    person      INTEGER NOT NULL REFERENCES person (id),
    subject     TEXT NOT NULL,
    state       TEXT NOT NULL,
    priority    INTEGER NOT NULL,
    assignee    TEXT,
    queue       TEXT,
    opened_by   TEXT,
    opened_at   INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    resolved_at INTEGER
) STRICT;
CREATE INDEX ticket_person ON ticket (person, opened_at, id);
CREATE INDEX ticket_state ON ticket (state, changed_at, id);
CREATE INDEX ticket_assignee ON ticket (assignee, state, changed_at);
CREATE INDEX ticket_changed ON ticket (changed_at, id);

CREATE TABLE ticket_link (
    ticket    INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    work_kind TEXT NOT NULL,
    work      INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (ticket, work_kind, work)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_link_work ON ticket_link (work_kind, work);

-- field: opened, state, priority, assignee, subject, comment, linked.
CREATE TABLE ticket_trail (
    id     INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL,
    by     TEXT,
    field  TEXT NOT NULL,
    was    TEXT,
    value  TEXT
) STRICT;
CREATE INDEX ticket_trail_ticket ON ticket_trail (ticket, id);

-- One row per fact, in the transaction of its rows: the outbox for pushes, webhooks and reports, and the audit.
-- `shown` marks what the person's timeline shows besides messages and calls.
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    node    INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    person  INTEGER,
    work    TEXT,
    shown   INTEGER NOT NULL DEFAULT 0,
    json    TEXT NOT NULL
) STRICT;
CREATE INDEX event_shown ON event (person, at, seq) WHERE shown = 1;

-- The desk's own memory, read back at start.
CREATE TABLE live (
    key   TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT;

-- Agents are declared in the configuration; `active` is 0 for those no longer there. Passwords and tastes live here.
CREATE TABLE user (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    active        INTEGER NOT NULL DEFAULT 1,
    password_hash TEXT,
    language      TEXT,
    theme         TEXT,
    prefs         TEXT NOT NULL DEFAULT '{}',
    created_at    INTEGER NOT NULL,
    login_at      INTEGER
) STRICT;

-- Only hashes of tokens are kept: who reads the database cannot log in with it.
CREATE TABLE session (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    user       TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ip         TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX session_user ON session (user);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE invite (
    token_hash BLOB PRIMARY KEY,
    user       TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

CREATE TABLE login_attempt (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    user TEXT NOT NULL,
    ip   TEXT NOT NULL,
    ok   INTEGER NOT NULL
) STRICT;
CREATE INDEX login_attempt_user ON login_attempt (user, at);
CREATE INDEX login_attempt_ip ON login_attempt (ip, at);
CREATE INDEX login_attempt_at ON login_attempt (at);

CREATE TABLE canned (
    id         INTEGER PRIMARY KEY,
    shortcut   TEXT NOT NULL,
    title      TEXT NOT NULL,
    text       TEXT NOT NULL,
    language   TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    UNIQUE (shortcut, language)
) STRICT;

CREATE TABLE draft (
    agent        TEXT NOT NULL,
    conversation INTEGER NOT NULL,
    text         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (agent, conversation)
) STRICT, WITHOUT ROWID;

-- Contentless: the words stand here, the texts in their own tables; rowid is the id of what was indexed.
CREATE VIRTUAL TABLE search_message USING fts5 (
    text, content = '', contentless_delete = 1, prefix = '1 2', tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE search_person USING fts5 (
    text, content = '', contentless_delete = 1, prefix = '1 2', tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE search_ticket USING fts5 (
    text, content = '', contentless_delete = 1, prefix = '1 2', tokenize = "unicode61 remove_diacritics 2"
);
