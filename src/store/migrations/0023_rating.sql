-- How content the customer was, 1 to 5, in their own words, and when they said so.
ALTER TABLE conversation ADD COLUMN rating INTEGER;
ALTER TABLE conversation ADD COLUMN rating_comment TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN rated_at INTEGER;

-- Messages of which a firm's server has been told that they wait for an app that is not there; one that it would not hear of, too.
CREATE TABLE app_push (
    message INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL
) STRICT;
