-- The first pass of a large new library makes grid pictures only, so that all of it can be looked at
-- early; the screen pictures follow (docs/decisions/0015). Null: both were made together. Else the
-- version of the screen picture, 0 before there is one: while it is behind preview_version it is due.
ALTER TABLE file ADD COLUMN screen_version INTEGER;
CREATE INDEX file_screens ON file (captured_ms, id)
  WHERE state = 'ready' AND gone_at IS NULL AND screen_version < preview_version;
