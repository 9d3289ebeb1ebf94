-- Tickets with kinds, departments, promises and relations.
ALTER TABLE ticket ADD COLUMN kind TEXT;
ALTER TABLE ticket ADD COLUMN department TEXT;
-- house, keyword, flow/NAME, rule/NAME, bot/NAME
ALTER TABLE ticket ADD COLUMN source TEXT NOT NULL DEFAULT 'house';
ALTER TABLE ticket ADD COLUMN parent INTEGER;
ALTER TABLE ticket ADD COLUMN follows INTEGER;
ALTER TABLE ticket ADD COLUMN merged_into INTEGER;
ALTER TABLE ticket ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
-- asked, granted, denied
ALTER TABLE ticket ADD COLUMN approval TEXT;
-- The next moment by which something was promised, and whether one has passed.
ALTER TABLE ticket ADD COLUMN promised_at INTEGER;
ALTER TABLE ticket ADD COLUMN risk TEXT;
-- For the figures: the first resolution, how often it was reopened, and contacts that belong to it: all, and those since it was resolved.
ALTER TABLE ticket ADD COLUMN first_resolved_at INTEGER;
ALTER TABLE ticket ADD COLUMN reopened INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN contacts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
UPDATE ticket SET first_resolved_at = resolved_at,
    contacts = (SELECT count(*) FROM ticket_link l WHERE l.ticket = ticket.id),
    repeats = (SELECT count(*) FROM ticket_link l WHERE l.ticket = ticket.id AND l.at > ticket.resolved_at);
CREATE INDEX ticket_department ON ticket (department, state, changed_at);
CREATE INDEX ticket_promised ON ticket (promised_at) WHERE promised_at IS NOT NULL;
CREATE INDEX ticket_parent ON ticket (parent) WHERE parent IS NOT NULL;
CREATE INDEX ticket_resolved ON ticket (first_resolved_at) WHERE first_resolved_at IS NOT NULL;

CREATE TABLE ticket_field (
    ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (ticket, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket_watcher (
    ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    agent  TEXT NOT NULL,
    PRIMARY KEY (ticket, agent)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_watcher_agent ON ticket_watcher (agent);

CREATE TABLE ticket_item (
    ticket  INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    text    TEXT NOT NULL,
    done_by TEXT,
    done_at INTEGER,
    PRIMARY KEY (ticket, place)
) STRICT, WITHOUT ROWID;

-- Both ways are written.
CREATE TABLE ticket_related (
    ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    other  INTEGER NOT NULL,
    PRIMARY KEY (ticket, other)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket_file (
    ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    file   INTEGER NOT NULL,
    name   TEXT NOT NULL,
    bytes  INTEGER NOT NULL,
    by     TEXT,
    at     INTEGER NOT NULL,
    PRIMARY KEY (ticket, file)
) STRICT, WITHOUT ROWID;

-- clock: first, next, resolution, due. state: runs, paused, met, at_risk, late.
CREATE TABLE ticket_clock (
    ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
    clock  TEXT NOT NULL,
    state  TEXT NOT NULL,
    until  INTEGER,
    -- It was late, whatever came after.
    late   INTEGER NOT NULL DEFAULT 0,
    at     INTEGER NOT NULL,
    PRIMARY KEY (ticket, clock)
) STRICT, WITHOUT ROWID;
