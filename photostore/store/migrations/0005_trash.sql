-- What a person did to originals: moved them to the trash, brought them back, copied them (SPEC 9).

-- Where a trashed file lies now: relative to the mount point of its volume, or absolute where the
-- trash lies elsewhere (the home trash). Such a file also has gone_at set, and is not missing.
ALTER TABLE file ADD COLUMN trashed BLOB;
CREATE INDEX file_trashed ON file (trashed) WHERE trashed IS NOT NULL;
-- Set for files that "copy to library" made: among equals they are the shown ones (SPEC 7.2).
ALTER TABLE file ADD COLUMN in_library INTEGER NOT NULL DEFAULT 0;

-- Sidecars that went to the trash with an asset; what they were called is in the trash.
CREATE TABLE trashed_sidecar (
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  volume_id INTEGER NOT NULL REFERENCES volume,
  trashed BLOB NOT NULL,              -- as in file
  size INTEGER NOT NULL,
  PRIMARY KEY (asset_id, trashed)
) STRICT, WITHOUT ROWID;

-- Records in .photostore/acts of which all consequences are in the database: a start that finds
-- such a record removes it, and does not draw them again.
CREATE TABLE settled_act (act TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Assets that were deleted for good, so that a view which still shows one learns that it is gone.
CREATE TABLE deleted_asset (
  id INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX deleted_asset_revision ON deleted_asset (revision);

CREATE INDEX asset_trashed ON asset (owner_id, trashed_at) WHERE trashed_at IS NOT NULL;

-- A file that is back, whoever brought it, is not in the trash, and neither is its asset.
CREATE TRIGGER file_back AFTER UPDATE OF gone_at, asset_id ON file
WHEN NEW.gone_at IS NULL AND (NEW.trashed IS NOT NULL OR EXISTS (
  SELECT 1 FROM asset WHERE id = NEW.asset_id AND trashed_at IS NOT NULL))
BEGIN
  UPDATE file SET trashed = NULL WHERE id = NEW.id;
  DELETE FROM trashed_sidecar WHERE asset_id = NEW.asset_id;
  UPDATE asset SET trashed_at = NULL WHERE id = NEW.asset_id;
END;

-- Another file that comes to the name of a trashed one takes nothing over: the trashed one keeps
-- its row, under a name that no disk has. A second of difference in time is none (SPEC 5.4).
CREATE TRIGGER file_beside_trashed BEFORE INSERT ON file
BEGIN
  UPDATE file SET name = CAST(name || '/' || id AS BLOB)
  WHERE folder_id = NEW.folder_id AND name = NEW.name AND trashed IS NOT NULL
    AND (size <> NEW.size OR abs(mtime_ns - NEW.mtime_ns) > 1000000000);
END;
