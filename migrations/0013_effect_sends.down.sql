ALTER TABLE effects DROP COLUMN sends, DROP COLUMN sent_at;
