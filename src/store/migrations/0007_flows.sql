-- Answers of surveys in flows: 1 (worst) to 5 (best).
CREATE TABLE survey_answer (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    survey    TEXT NOT NULL,
    work_kind TEXT NOT NULL,
    work      INTEGER NOT NULL,
    answer    INTEGER NOT NULL
) STRICT;
CREATE INDEX survey_answer_survey ON survey_answer (survey, at);
CREATE INDEX survey_answer_work ON survey_answer (work_kind, work);
