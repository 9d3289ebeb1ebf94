-- Forms that customers were sent. state: sent, answered, accepted, refused, expired, withdrawn.
CREATE TABLE form (
    id           INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    person       INTEGER NOT NULL REFERENCES person (id),
    work_kind    TEXT NOT NULL,
    work         INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    message      INTEGER NOT NULL,
    by           TEXT NOT NULL,
    calls        INTEGER NOT NULL,
    verdict      INTEGER NOT NULL,
    state        TEXT NOT NULL,
    sent_at      INTEGER NOT NULL,
    until_at     INTEGER NOT NULL,
    answered_at  INTEGER,
    keep_until   INTEGER,
    ticket       INTEGER,
    judged_by    TEXT,
    judged_at    INTEGER,
    reason       TEXT,
    -- Since when the answers are deleted.
    gone_at      INTEGER
) STRICT;
CREATE INDEX form_person ON form (person, sent_at);
CREATE INDEX form_ticket ON form (ticket) WHERE ticket IS NOT NULL;
CREATE INDEX form_kept ON form (id) WHERE gone_at IS NULL;

-- What a customer has answered; until `form.answered_at` it is theirs alone. How it is shown stands here, whatever the configuration says later.
CREATE TABLE form_answer (
    form   INTEGER NOT NULL REFERENCES form (id) ON DELETE CASCADE,
    field  TEXT NOT NULL,
    place  INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    masked INTEGER NOT NULL,
    value  TEXT NOT NULL,
    file   INTEGER REFERENCES file (id),
    at     INTEGER NOT NULL,
    PRIMARY KEY (form, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX form_answer_file ON form_answer (file) WHERE file IS NOT NULL;

-- The conversation that went on as this call.
ALTER TABLE call ADD COLUMN chat INTEGER;
