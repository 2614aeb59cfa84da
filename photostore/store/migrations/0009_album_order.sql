-- The order in which a person looks at an album (SPEC 7.6): one of those of a view. Null is the usual
-- one: as the album was arranged, or the newest first for a saved search.
ALTER TABLE album ADD COLUMN shown_order TEXT
  CHECK (shown_order IN ('album', 'newest', 'oldest', 'added'));
