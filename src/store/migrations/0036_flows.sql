-- Who was received by a flow today, for the share that it settles by itself.
CREATE INDEX event_flow ON event (at) WHERE kind = 'flow.entered';
