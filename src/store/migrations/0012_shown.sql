-- An entry of the list of missed calls as pages show it. Who called from a page, or only wrote, has no number to call.
CREATE VIEW callback_entry AS
    SELECT b.*, p.name AS person_name, p.tier AS person_tier,
        coalesce((SELECT c.trunk = 'page' FROM call c WHERE c.id = b.call), b.why = 'chat') AS page
    FROM callback b JOIN person p ON p.id = b.person;

-- Whose pictures lie beside a recording: 'customer', 'agent', both with a space between, or nobody's.
ALTER TABLE recording ADD COLUMN films TEXT NOT NULL DEFAULT '';
