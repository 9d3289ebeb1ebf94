-- Templates of channels as their platforms told them last: a JSON array, when it was read, and why the last try failed.
CREATE TABLE channel_templates (
    channel TEXT PRIMARY KEY,
    list TEXT,
    read_at INTEGER,
    trouble TEXT
) STRICT;

-- What could not be understood is looked for by its channel.
CREATE INDEX channel_event_failure ON channel_event (channel, id) WHERE failure IS NOT NULL;

-- The newest message of a channel in each direction, for the page of channels.
CREATE INDEX message_channel ON message (channel, kind, id) WHERE channel IS NOT NULL;
