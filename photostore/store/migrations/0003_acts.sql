-- What a person does: edits, groups, albums, their journal and its return after a rebuild.

-- Files with equal keys are one asset by a person's will, and join nothing else (SPEC 7.1).
ALTER TABLE file ADD COLUMN group_key TEXT;
CREATE INDEX file_group ON file (group_key) WHERE group_key IS NOT NULL;

-- Degrees clockwise that a person turned the picture by, on top of the file's own orientation.
ALTER TABLE asset ADD COLUMN rotation INTEGER NOT NULL DEFAULT 0;

-- The library revision at which an edit asked for a sidecar; null when none waits (SPEC 9.1).
ALTER TABLE asset ADD COLUMN sidecar_due INTEGER;
-- Why the last sidecar could not be written; null when it could.
ALTER TABLE asset ADD COLUMN sidecar_problem TEXT;
CREATE INDEX asset_sidecar_due ON asset (sidecar_due) WHERE sidecar_due IS NOT NULL;
CREATE INDEX asset_sidecar_problem ON asset (id) WHERE sidecar_problem IS NOT NULL;

-- The list of acts is shown without the two long texts, so what it needs stands in columns.
ALTER TABLE journal ADD COLUMN count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal ADD COLUMN summary TEXT NOT NULL DEFAULT '{}';  -- JSON: values of its sentence
ALTER TABLE journal ADD COLUMN sample TEXT NOT NULL DEFAULT '[]';   -- JSON: at most 4 public ids
ALTER TABLE journal ADD COLUMN undone_by INTEGER REFERENCES journal;

-- The name under which sidecars speak of an album; the person may have given it another one since.
ALTER TABLE album ADD COLUMN origin TEXT;
CREATE UNIQUE INDEX album_origin ON album (owner_id, origin) WHERE origin IS NOT NULL;
-- Albums that sidecars name for an asset and that were taken up: once each, so that what a person
-- took out of an album does not return with the next scan.
CREATE TABLE album_named (
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (asset_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX album_owner ON album (owner_id, position, id);
CREATE INDEX album_parent ON album (parent_id) WHERE parent_id IS NOT NULL;

-- A library that was rebuilt from the journal's copy waits here for its files: content by content,
-- the asset that it belongs to. `path`, relative to the mount point, tells copies of one content
-- apart that a person had split; empty where any copy will do (SPEC 9.6).
CREATE TABLE kept (
  sha1 BLOB NOT NULL,
  path BLOB NOT NULL DEFAULT x'',
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  group_key TEXT,
  PRIMARY KEY (sha1, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_asset ON kept (asset_id);
