-- What programs of the firm's have told of customers. The unique key is the second lock beside the desk's own.
CREATE TABLE told (
    id     INTEGER PRIMARY KEY,
    asker  TEXT NOT NULL,
    key    TEXT NOT NULL,
    digest TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES person (id),
    at     INTEGER NOT NULL,
    UNIQUE (asker, key)
) STRICT;
CREATE INDEX told_person ON told (person);

-- What was read and sent of articles, by its time.
CREATE INDEX article_use_at ON article_use (at, article);
CREATE INDEX article_day_day ON article_day (day, article);
