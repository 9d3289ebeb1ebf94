-- What supervisors did, by the day on which they did it. The query names the same kinds.
CREATE INDEX event_supervision ON event (at, seq) WHERE kind IN
    ('agent.moved', 'agent.move_ended', 'agent.status_set', 'call.watched', 'call.watch_ended', 'overlay.switched_off', 'overlay.switched_on');
