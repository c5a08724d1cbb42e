-- Plans that follow the first: how many a run may still ask for by itself, and why each was asked for.
ALTER TABLE runs
  ADD COLUMN replans_left integer NOT NULL DEFAULT 0 CHECK (replans_left >= 0),
  -- [{"cause": "failure" | "rejection", "detail": …}], oldest first; [] while its first plan holds.
  ADD COLUMN replans jsonb NOT NULL DEFAULT '[]';
