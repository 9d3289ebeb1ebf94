-- The knowledge base. A category stands at the top or in one that does; `names` is JSON, language tag to name.
CREATE TABLE category (
    id     INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES category (id),
    names  TEXT NOT NULL,
    place  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- audience: internal, public.
CREATE TABLE article (
    id           INTEGER PRIMARY KEY,
    category     INTEGER REFERENCES category (id),
    audience     TEXT NOT NULL,
    owner        TEXT NOT NULL,
    expires_at   INTEGER,
    -- The expiry of which the owner has been reminded.
    reminded_for INTEGER,
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL
) STRICT;
CREATE INDEX article_category ON article (category);
CREATE INDEX article_expires ON article (expires_at) WHERE expires_at IS NOT NULL;

-- An article in one language. state (draft, review, published) is that of the newest version; `shown` is the version that readers see.
-- Title and plain text are those of the shown version, or of the newest while none is shown.
CREATE TABLE translation (
    id         INTEGER PRIMARY KEY,
    article    INTEGER NOT NULL REFERENCES article (id),
    language   TEXT NOT NULL,
    newest     INTEGER NOT NULL,
    state      TEXT NOT NULL,
    shown      INTEGER,
    title      TEXT NOT NULL,
    plain      TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (article, language)
) STRICT;
CREATE INDEX translation_changed ON translation (changed_at, id);
CREATE INDEX translation_state ON translation (state) WHERE state <> 'published';

-- Every save; never changed afterwards but for who published it.
CREATE TABLE article_version (
    translation  INTEGER NOT NULL REFERENCES translation (id),
    version      INTEGER NOT NULL,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    note         TEXT NOT NULL,
    by           TEXT NOT NULL,
    at           INTEGER NOT NULL,
    published_by TEXT,
    published_at INTEGER,
    PRIMARY KEY (translation, version)
) STRICT, WITHOUT ROWID;

-- Pictures of each version.
CREATE TABLE article_file (
    translation INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    file        INTEGER NOT NULL REFERENCES file (id),
    PRIMARY KEY (file, translation, version)
) STRICT, WITHOUT ROWID;

-- kind: wrong, outdated, missing. Without an article: nobody has written it yet.
CREATE TABLE article_feedback (
    id        INTEGER PRIMARY KEY,
    article   INTEGER REFERENCES article (id),
    language  TEXT NOT NULL,
    kind      TEXT NOT NULL,
    words     TEXT NOT NULL,
    by        TEXT NOT NULL,
    at        INTEGER NOT NULL,
    closed_by TEXT,
    closed_at INTEGER
) STRICT;
CREATE INDEX article_feedback_open ON article_feedback (article) WHERE closed_at IS NULL;

-- What was done with an article in a contact, once each. kind: shown, opened, inserted, linked, sent.
CREATE TABLE article_use (
    article   INTEGER NOT NULL REFERENCES article (id),
    kind      TEXT NOT NULL,
    work_kind TEXT NOT NULL,
    work      INTEGER NOT NULL,
    agent     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (article, kind, work_kind, work)
) STRICT, WITHOUT ROWID;

-- The help centre by day (days since 1970, UTC).
CREATE TABLE article_day (
    article  INTEGER NOT NULL REFERENCES article (id),
    day      INTEGER NOT NULL,
    views    INTEGER NOT NULL DEFAULT 0,
    helped   INTEGER NOT NULL DEFAULT 0,
    unhelped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (article, day)
) STRICT, WITHOUT ROWID;

-- Contentless, as the other indexes; rowid is the translation. `facet` has words that nobody types, for narrowing, and weighs nothing.
CREATE VIRTUAL TABLE search_article USING fts5 (
    title, body, facet, content = '', contentless_delete = 1, prefix = '1 2', tokenize = "unicode61 remove_diacritics 2"
);
INSERT INTO search_article (search_article, rank) VALUES ('rank', 'bm25(8.0, 1.0, 0.0)');
-- In how many articles a word stands.
CREATE VIRTUAL TABLE search_article_word USING fts5vocab (search_article, row);
