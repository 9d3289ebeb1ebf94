-- A choice of tickets has a name, too. page: of which list it is, conversations or tickets.
CREATE TABLE view_new (
    id     INTEGER PRIMARY KEY,
    page   TEXT NOT NULL,
    owner  TEXT NOT NULL,
    shared INTEGER NOT NULL,
    name   TEXT NOT NULL,
    query  TEXT NOT NULL,
    UNIQUE (owner, page, name)
) STRICT;
INSERT INTO view_new SELECT id, 'conversations', owner, shared, name, query FROM view;
DROP TABLE view;
ALTER TABLE view_new RENAME TO view;
