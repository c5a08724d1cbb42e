ALTER TABLE runs DROP COLUMN replans, DROP COLUMN replans_left;
