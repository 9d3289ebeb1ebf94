-- Conversations of a day, for the wallboard.
CREATE INDEX conversation_opened ON conversation (opened_at);
