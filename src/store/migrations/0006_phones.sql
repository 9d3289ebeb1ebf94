-- Desk phones that have registered, as of the last change of each.
CREATE TABLE phone (
    agent      TEXT NOT NULL,
    uri        TEXT NOT NULL,
    instance   TEXT,
    call_id    TEXT NOT NULL,
    cseq       INTEGER NOT NULL,
    source     TEXT NOT NULL,
    transport  TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    answers    INTEGER NOT NULL,
    reachable  INTEGER NOT NULL,
    PRIMARY KEY (agent, uri)
) STRICT, WITHOUT ROWID;

-- Sources of SIP that are not answered for a while.
CREATE TABLE sip_ban (
    source TEXT PRIMARY KEY,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
