-- Chats whose customer left before anybody answered.
ALTER TABLE conversation ADD COLUMN abandoned_at INTEGER;

-- One process decides: nothing ever read which one.
ALTER TABLE event DROP COLUMN node;

-- What an agent has begun to write: `place` is `conversation/7` (a reply) or `person/3` (a note).
CREATE TABLE draft_new (
    agent TEXT NOT NULL,
    place TEXT NOT NULL,
    text  TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (agent, place)
) STRICT, WITHOUT ROWID;
INSERT INTO draft_new (agent, place, text, at) SELECT agent, 'conversation/' || conversation, text, at FROM draft;
DROP TABLE draft;
ALTER TABLE draft_new RENAME TO draft;

-- The notes of wrapped-up calls; rowid is the call.
CREATE VIRTUAL TABLE search_call USING fts5 (
    text, content = '', contentless_delete = 1, prefix = '1 2', tokenize = "unicode61 remove_diacritics 2"
);

-- Uploads that no message has taken are found by their age.
CREATE INDEX file_created ON file (created_at);
