-- Numbers that were not called, newest first, are shown to supervisors; the log of all facts is long.
CREATE INDEX event_blocked ON event (seq) WHERE kind = 'dial.blocked';
