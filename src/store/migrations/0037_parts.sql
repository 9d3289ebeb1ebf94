-- Of a message of ours: as how many its platform counts it, which limits them.
ALTER TABLE message ADD COLUMN parts INTEGER NOT NULL DEFAULT 1;
