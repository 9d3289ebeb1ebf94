-- A conversation that an agent has put aside: its state is `snoozed`, and it comes back then.
ALTER TABLE conversation ADD COLUMN snoozed_until INTEGER;
