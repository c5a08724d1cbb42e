-- How often the message of an effect's try was handed to its queue, and when last: what waits in a backlog is not sent again by each look of
-- its watchdog, but after pauses that double. Null: when it was created.
ALTER TABLE effects
  ADD COLUMN sends integer NOT NULL DEFAULT 1 CHECK (sends > 0),
  ADD COLUMN sent_at timestamptz;
