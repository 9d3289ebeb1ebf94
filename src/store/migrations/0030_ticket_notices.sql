-- What agents are told of tickets. news: yours, arrived, comment, … as the fact names it.
ALTER TABLE notice ADD COLUMN ticket INTEGER REFERENCES ticket (id) ON DELETE CASCADE;
ALTER TABLE notice ADD COLUMN news TEXT;
CREATE INDEX notice_ticket ON notice (ticket, at) WHERE ticket IS NOT NULL;
-- Of one ticket, one line of each kind of news stands until it is seen.
CREATE UNIQUE INDEX notice_news ON notice (agent, ticket, news) WHERE kind = 'ticket' AND seen_at IS NULL;
-- What has come to a department and was taken by somebody is forgotten after a day.
CREATE INDEX notice_arrived ON notice (seen_at) WHERE news = 'arrived';
