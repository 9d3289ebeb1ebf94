-- Callbacks are things of their own: missed calls, voicemails and promised calls, each until somebody has talked to the customer.
-- state: listed (by hand), booked (waits for its time), waiting (stands in line), calling, closed.
CREATE TABLE callback_new (
    id        INTEGER PRIMARY KEY,
    person    INTEGER NOT NULL REFERENCES person (id),
    number    TEXT NOT NULL,
    queue     TEXT,
    why       TEXT NOT NULL,
    call      INTEGER,
    state     TEXT NOT NULL,
    since     INTEGER NOT NULL,
    listed_at INTEGER NOT NULL,
    missed    INTEGER NOT NULL DEFAULT 1,
    due_at    INTEGER,
    tries     INTEGER NOT NULL DEFAULT 0,
    failure   TEXT,
    claimed   TEXT,
    told_at   INTEGER,
    voicemail INTEGER,
    millis    INTEGER,
    calling   INTEGER,
    closed_at INTEGER,
    closed_by TEXT,
    how       TEXT,
    outcome   TEXT
) STRICT;
INSERT INTO callback_new (id, person, number, queue, why, call, state, since, listed_at, closed_at, closed_by, how)
    SELECT row_number() OVER (ORDER BY b.due_at, b.call), b.person, b.number, c.queue,
        CASE b.cause WHEN 'normal' THEN 'abandoned' WHEN 'rejected' THEN 'closed' ELSE b.cause END, b.call,
        CASE WHEN b.done_at IS NULL THEN 'listed' ELSE 'closed' END, c.started_at, b.due_at, b.done_at, b.done_by,
        CASE WHEN b.done_at IS NULL THEN NULL ELSE 'settled' END
    FROM callback b JOIN call c ON c.id = b.call;
DROP TABLE callback;
ALTER TABLE callback_new RENAME TO callback;
CREATE INDEX callback_open ON callback (listed_at, id) WHERE closed_at IS NULL;
CREATE INDEX callback_closed ON callback (closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX callback_person ON callback (person);

-- The desk follows those that were still open, and counts on from here.
INSERT INTO live (key, state)
    SELECT 'callback/' || b.id, json_object('id', b.id, 'job', json_object('person', b.person,
            'identity', json_object('kind', 'phone', 'namespace', '', 'value', b.number),
            'tier', p.tier, 'dedicated', p.dedicated_agent, 'last_agent', p.last_agent, 'ticketed', json('false'), 'stage', 'apart'),
        'number', b.number, 'queue', coalesce(b.queue, 'direct'), 'only', NULL, 'why', b.why, 'call', b.call, 'voicemail', NULL,
        'message', NULL, 'since', b.since, 'listed', b.listed_at, 'booked', NULL, 'tries', 0, 'claimed', NULL, 'attempt', NULL,
        'calling_in', NULL, 'told', NULL, 'closed', NULL)
    FROM callback b JOIN person p ON p.id = b.person WHERE b.closed_at IS NULL;
UPDATE live SET state = json_set(state, '$.callback', (SELECT coalesce(max(id), 0) FROM callback)) WHERE key = 'ids';
-- What the earlier facts said stands on the list; as lines of a timeline they can be read no more.
UPDATE event SET shown = 0 WHERE kind IN ('call.callback_due', 'call.callback_done');

-- Whoever writes STOP gets no texts that they did not begin.
ALTER TABLE identity ADD COLUMN opted_out_at INTEGER;
