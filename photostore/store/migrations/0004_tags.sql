-- Tags as a tree with exact counts, and counts that are kept instead of counted.

-- Nothing was ever written into the tables of 0001.
DROP TABLE asset_tag;
DROP TABLE tag;

CREATE TABLE tag (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES user,
  parent_id INTEGER REFERENCES tag,
  kind TEXT NOT NULL,                 -- when, where, camera, lens, type, keyword, person, folder
  level INTEGER NOT NULL,             -- 0 for the eight roots
  name TEXT NOT NULL,                 -- as it is shown
  fold TEXT NOT NULL,                 -- as it is searched: no case, no accents
  key TEXT NOT NULL,                  -- the folded names from the root, with / between
  code TEXT,                          -- of a country: ISO 3166; of a volume's folder: its UUID
  asset_count INTEGER NOT NULL DEFAULT 0,  -- assets on the timeline, in it and below it
  UNIQUE (owner_id, key)
) STRICT;
CREATE INDEX tag_parent ON tag (parent_id, fold);
CREATE INDEX tag_fold ON tag (owner_id, fold);
CREATE INDEX tag_kind ON tag (owner_id, kind, level, fold);

-- Each tag with all tags above it and itself, so that a subtree is one look-up.
CREATE TABLE tag_line (
  ancestor_id INTEGER NOT NULL REFERENCES tag ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag ON DELETE CASCADE,
  PRIMARY KEY (ancestor_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_line_tag ON tag_line (tag_id, ancestor_id);

-- The narrowest tags of each asset.
CREATE TABLE asset_tag (
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag,
  PRIMARY KEY (asset_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_tag_tag ON asset_tag (tag_id, asset_id);

-- The version of tagging.py that tagged an asset; what is below the current one waits.
ALTER TABLE asset ADD COLUMN tagged INTEGER NOT NULL DEFAULT 0;
CREATE INDEX asset_tagged ON asset (tagged);

-- Whoever moves an asset on or off the timeline, or deletes it: the counts stay true.
CREATE TRIGGER asset_tag_shelf AFTER UPDATE OF shelf ON asset
WHEN (OLD.shelf = 'timeline') <> (NEW.shelf = 'timeline')
BEGIN
  UPDATE tag SET asset_count = asset_count + iif(NEW.shelf = 'timeline', 1, -1)
  WHERE id IN (SELECT ancestor_id FROM tag_line WHERE tag_id IN
    (SELECT tag_id FROM asset_tag WHERE asset_id = NEW.id));
END;
CREATE TRIGGER asset_tag_gone BEFORE DELETE ON asset WHEN OLD.shelf = 'timeline'
BEGIN
  UPDATE tag SET asset_count = asset_count - 1
  WHERE id IN (SELECT ancestor_id FROM tag_line WHERE tag_id IN
    (SELECT tag_id FROM asset_tag WHERE asset_id = OLD.id));
END;

-- What is searched of a file by numbers, beside its asset: no row of the wide table is read.
DROP INDEX file_asset;
CREATE INDEX file_asset ON file
  (asset_id, gone_at, iso, f_number, focal_mm, width, height);

-- Orders and look-ups of views.
CREATE INDEX asset_shown ON asset (shown_file_id);
CREATE INDEX asset_chosen ON asset (chosen_file_id) WHERE chosen_file_id IS NOT NULL;
DROP INDEX asset_added;
CREATE INDEX asset_added ON asset (owner_id, shelf, added_at DESC, id DESC, ratio);
-- With the column of their condition, which SQLite reads although it is known to be 1.
CREATE INDEX asset_favourite ON asset
  (owner_id, shelf, captured_ms DESC, id DESC, ratio, favourite) WHERE favourite = 1;
DROP INDEX asset_video;
CREATE INDEX asset_video ON asset
  (owner_id, shelf, captured_ms DESC, id DESC, ratio, is_video) WHERE is_video = 1;
CREATE INDEX asset_rating ON asset (rating) WHERE rating IS NOT NULL;
CREATE INDEX asset_cover ON album (cover_asset_id) WHERE cover_asset_id IS NOT NULL;

-- How many there are, kept by triggers: a million rows are not counted at each glance.
CREATE TABLE asset_tally (
  owner_id INTEGER NOT NULL,
  shelf TEXT NOT NULL,
  is_video INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (owner_id, shelf, is_video)
) STRICT, WITHOUT ROWID;
INSERT INTO asset_tally
SELECT owner_id, shelf, is_video, count(*) FROM asset GROUP BY owner_id, shelf, is_video;

CREATE TRIGGER asset_tally_new AFTER INSERT ON asset BEGIN
  INSERT INTO asset_tally SELECT NEW.owner_id, NEW.shelf, NEW.is_video, 0 WHERE NOT EXISTS
    (SELECT 1 FROM asset_tally
     WHERE owner_id = NEW.owner_id AND shelf = NEW.shelf AND is_video = NEW.is_video);
  UPDATE asset_tally SET count = count + 1
  WHERE owner_id = NEW.owner_id AND shelf = NEW.shelf AND is_video = NEW.is_video;
END;
CREATE TRIGGER asset_tally_gone AFTER DELETE ON asset BEGIN
  UPDATE asset_tally SET count = count - 1
  WHERE owner_id = OLD.owner_id AND shelf = OLD.shelf AND is_video = OLD.is_video;
END;
CREATE TRIGGER asset_tally_changed AFTER UPDATE OF owner_id, shelf, is_video ON asset
WHEN OLD.owner_id <> NEW.owner_id OR OLD.shelf <> NEW.shelf OR OLD.is_video <> NEW.is_video
BEGIN
  UPDATE asset_tally SET count = count - 1
  WHERE owner_id = OLD.owner_id AND shelf = OLD.shelf AND is_video = OLD.is_video;
  INSERT INTO asset_tally SELECT NEW.owner_id, NEW.shelf, NEW.is_video, 0 WHERE NOT EXISTS
    (SELECT 1 FROM asset_tally
     WHERE owner_id = NEW.owner_id AND shelf = NEW.shelf AND is_video = NEW.is_video);
  UPDATE asset_tally SET count = count + 1
  WHERE owner_id = NEW.owner_id AND shelf = NEW.shelf AND is_video = NEW.is_video;
END;

-- Files by folder and state; `missing` whatever the state while gone_at is set.
CREATE TABLE file_tally (
  folder_id INTEGER NOT NULL,
  state TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (folder_id, state)
) STRICT, WITHOUT ROWID;
INSERT INTO file_tally
SELECT folder_id, iif(gone_at IS NULL, state, 'missing') AS kept, count(*) FROM file
GROUP BY folder_id, kept;

CREATE TRIGGER file_tally_new AFTER INSERT ON file BEGIN
  INSERT INTO file_tally SELECT NEW.folder_id, iif(NEW.gone_at IS NULL, NEW.state, 'missing'), 0
  WHERE NOT EXISTS (SELECT 1 FROM file_tally
    WHERE folder_id = NEW.folder_id AND state = iif(NEW.gone_at IS NULL, NEW.state, 'missing'));
  UPDATE file_tally SET count = count + 1
  WHERE folder_id = NEW.folder_id AND state = iif(NEW.gone_at IS NULL, NEW.state, 'missing');
END;
CREATE TRIGGER file_tally_gone AFTER DELETE ON file BEGIN
  UPDATE file_tally SET count = count - 1
  WHERE folder_id = OLD.folder_id AND state = iif(OLD.gone_at IS NULL, OLD.state, 'missing');
END;
CREATE TRIGGER file_tally_changed AFTER UPDATE OF folder_id, state, gone_at ON file
WHEN OLD.folder_id <> NEW.folder_id OR OLD.state <> NEW.state
  OR (OLD.gone_at IS NULL) <> (NEW.gone_at IS NULL)
BEGIN
  UPDATE file_tally SET count = count - 1
  WHERE folder_id = OLD.folder_id AND state = iif(OLD.gone_at IS NULL, OLD.state, 'missing');
  INSERT INTO file_tally SELECT NEW.folder_id, iif(NEW.gone_at IS NULL, NEW.state, 'missing'), 0
  WHERE NOT EXISTS (SELECT 1 FROM file_tally
    WHERE folder_id = NEW.folder_id AND state = iif(NEW.gone_at IS NULL, NEW.state, 'missing'));
  UPDATE file_tally SET count = count + 1
  WHERE folder_id = NEW.folder_id AND state = iif(NEW.gone_at IS NULL, NEW.state, 'missing');
END;
