-- What customers were asked when a contact was over, and what they said. scale: csat (1 to 5) or nps (0 to 10). channel: `calls` for the telephone.
-- by: window, keys, letter, message, flow.
CREATE TABLE survey (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    scale       TEXT NOT NULL,
    person      INTEGER NOT NULL REFERENCES person (id),
    work_kind   TEXT,
    work        INTEGER,
    agent       TEXT,
    queue       TEXT,
    channel     TEXT,
    by          TEXT NOT NULL,
    asked_at    INTEGER NOT NULL,
    score       INTEGER,
    comment     TEXT NOT NULL DEFAULT '',
    low         INTEGER NOT NULL DEFAULT 0,
    answered_at INTEGER,
    -- Opened by a low score.
    ticket      INTEGER
) STRICT;
CREATE INDEX survey_asked ON survey (asked_at);
CREATE INDEX survey_person ON survey (person, asked_at);
CREATE INDEX survey_agent ON survey (agent, asked_at) WHERE agent IS NOT NULL;
CREATE INDEX survey_work ON survey (work_kind, work);

-- What was rated before in windows, and answered in flows.
INSERT INTO survey (name, scale, person, work_kind, work, agent, queue, channel, by, asked_at, score, comment, answered_at)
    SELECT 'rating', 'csat', person, 'conversation', id, coalesce(resolved_by, agent), queue, channel, 'window', rated_at, rating, rating_comment, rated_at
    FROM conversation WHERE rating IS NOT NULL;
INSERT INTO survey (name, scale, person, work_kind, work, channel, by, asked_at, score, answered_at)
    SELECT a.survey, 'csat', coalesce(c.person, t.person), a.work_kind, a.work, coalesce(t.channel, 'calls'), 'flow', a.at, a.answer, a.at
    FROM survey_answer a LEFT JOIN call c ON a.work_kind = 'call' AND c.id = a.work LEFT JOIN conversation t ON a.work_kind = 'conversation' AND t.id = a.work
    WHERE coalesce(c.person, t.person) IS NOT NULL;
-- The log tells of them by their new name.
UPDATE event SET kind = 'survey.answered', json = (
    SELECT json_object('survey', json_array(s.id, json_object('answered', json_object('survey', s.name, 'scale', 'csat', 'person', s.person,
        'work', json_object('conversation', s.work), 'agent', event.json ->> '$.conversation[1].rated.agent',
        'score', event.json ->> '$.conversation[1].rated.score', 'comment', coalesce(event.json ->> '$.conversation[1].rated.comment', '')))))
    FROM survey s WHERE s.work_kind = 'conversation' AND s.work = event.json ->> '$.conversation[0]' AND s.name = 'rating' LIMIT 1)
    WHERE kind = 'conversation.rated'
        AND EXISTS (SELECT 1 FROM survey s WHERE s.work_kind = 'conversation' AND s.work = event.json ->> '$.conversation[0]' AND s.name = 'rating');
UPDATE event SET kind = 'survey.answered', json = (
    SELECT json_object('survey', json_array(s.id, json_object('answered', json_object('survey', s.name, 'scale', 'csat', 'person', s.person,
        'work', json_object(s.work_kind, s.work), 'score', s.score))))
    FROM survey s WHERE s.work_kind || '/' || s.work = event.work AND s.asked_at = event.at AND s.by = 'flow' LIMIT 1)
    WHERE kind = 'flow.answered'
        AND EXISTS (SELECT 1 FROM survey s WHERE s.work_kind || '/' || s.work = event.work AND s.asked_at = event.at AND s.by = 'flow');
UPDATE live SET state = json_set(state, '$.survey', (SELECT max(id) FROM survey)) WHERE key = 'ids' AND EXISTS (SELECT 1 FROM survey);

DROP TABLE survey_answer;
ALTER TABLE conversation DROP COLUMN rating;
ALTER TABLE conversation DROP COLUMN rating_comment;
ALTER TABLE conversation DROP COLUMN rated_at;
