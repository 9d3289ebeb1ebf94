-- When tags were given, for what rises from one week to the next.
CREATE INDEX event_tagged ON event (at) WHERE kind IN ('person.tagged', 'rule.did');
