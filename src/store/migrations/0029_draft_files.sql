-- What an agent has attached to something that is not sent yet.
CREATE TABLE draft_file (
    agent TEXT NOT NULL,
    place TEXT NOT NULL,
    -- Their order.
    n     INTEGER NOT NULL,
    file  INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    at    INTEGER NOT NULL,
    PRIMARY KEY (agent, place, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_file_file ON draft_file (file);
CREATE INDEX ticket_file_file ON ticket_file (file);
