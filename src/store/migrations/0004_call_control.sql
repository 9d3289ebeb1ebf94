-- Calls of ours, calls of more than two, parked calls. `direction`: inbound, outbound, internal. A call's state may also be `parked`.
ALTER TABLE call ADD COLUMN direction TEXT NOT NULL DEFAULT 'inbound';

-- A leg of a number outside that was brought into the call: the number, and the how many-th of the call it is. Both are NULL for the
-- customer and for agents.
ALTER TABLE leg ADD COLUMN outside TEXT;
ALTER TABLE leg ADD COLUMN nth INTEGER;

-- What changes in the course of a call, so that its recording can be read like a table of contents.
-- kind: talk (this agent from now on), left, joined, hold, resume, consult, consult_end, parked, unparked, paused, recorded.
CREATE TABLE chapter (
    id      INTEGER PRIMARY KEY,
    call    INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    agent   TEXT,
    outside TEXT
) STRICT;
CREATE INDEX chapter_call ON chapter (call, id);
