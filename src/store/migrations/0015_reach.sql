-- Why nothing reaches whoever has this identity any more, as the platform says, until they write again.
ALTER TABLE identity ADD COLUMN unreachable TEXT;
