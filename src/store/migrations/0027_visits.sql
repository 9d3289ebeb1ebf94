-- Pages tell of themselves while they are shown: `key` is the page's own name for one showing. Kept until then.
ALTER TABLE visit ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE visit ADD COLUMN dwell_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visit ADD COLUMN keep_until INTEGER NOT NULL DEFAULT 9223372036854775807;
CREATE UNIQUE INDEX visit_key ON visit (kind, namespace, value, key) WHERE key <> '';
CREATE INDEX visit_kept ON visit (keep_until);

-- Visitors who were invited to a talk. outcome: accepted, dismissed, or empty while they have said nothing.
CREATE TABLE invitation (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL,
    namespace TEXT NOT NULL,
    value     TEXT NOT NULL,
    name      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    outcome   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX invitation_whose ON invitation (kind, namespace, value, id);
CREATE INDEX invitation_at ON invitation (at);
