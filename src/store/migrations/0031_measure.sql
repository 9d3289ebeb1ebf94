-- What the platform's window is measured by from this message of a customer's on, where that is not the message itself: after a tap on a menu
-- the firm may write less. NULL: by the message; empty: it has opened nothing.
ALTER TABLE message ADD COLUMN measure TEXT;
