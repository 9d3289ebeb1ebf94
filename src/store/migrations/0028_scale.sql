-- Lists and figures that read what they show, however much else there is.
CREATE INDEX conversation_waiting ON conversation (queued_at, id) WHERE state IN ('open', 'waiting', 'offered');
CREATE INDEX conversation_last ON conversation (last_at, id);
CREATE INDEX conversation_agent ON conversation (agent, last_at, id);
CREATE INDEX ticket_follows ON ticket (follows) WHERE follows IS NOT NULL;
CREATE INDEX ticket_link_at ON ticket_link (at);
CREATE INDEX translation_title ON translation (language, title);
CREATE INDEX article_audience ON article (audience);
