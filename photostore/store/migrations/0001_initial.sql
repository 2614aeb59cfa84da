-- The data model of a library. Words as in the docs: volume 1-n folder 1-n file n-1 asset.
-- Times named *_at are UTC milliseconds since 1970; captured_ms is the wall clock where the
-- picture was taken, in milliseconds as if it were UTC (SPEC 6.3).

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('revision', 1);

-- Who -----------------------------------------------------------------------------------------

CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT,
  password_hash TEXT,
  role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;
INSERT INTO user (id, name, role, created_at)
VALUES (1, 'owner', 'admin', CAST(strftime('%s', 'now') AS INTEGER) * 1000);

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  client TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user_id);

CREATE TABLE api_key (
  id INTEGER PRIMARY KEY,
  key_hash BLOB NOT NULL UNIQUE,
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL DEFAULT '[]',
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  expires_at INTEGER
) STRICT;
CREATE INDEX api_key_user ON api_key (user_id);

-- Where ---------------------------------------------------------------------------------------

CREATE TABLE volume (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  identified_by TEXT NOT NULL CHECK (identified_by IN ('uuid-file', 'file-system', 'mount-path')),
  label TEXT,
  mount_path BLOB NOT NULL,
  read_only INTEGER NOT NULL DEFAULT 0,
  seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE root (
  id INTEGER PRIMARY KEY,
  volume_id INTEGER NOT NULL REFERENCES volume,
  path BLOB NOT NULL,                 -- relative to the mount point
  owner_id INTEGER NOT NULL REFERENCES user,
  state TEXT NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'unavailable', 'missing')),
  reason TEXT,
  generation INTEGER NOT NULL DEFAULT 0,
  scanned_at INTEGER,                 -- end of the last completed scan
  configured INTEGER NOT NULL DEFAULT 1,
  UNIQUE (volume_id, path)
) STRICT;

CREATE TABLE scan (
  id INTEGER PRIMARY KEY,
  root_id INTEGER NOT NULL REFERENCES root,
  generation INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  completed_at INTEGER,
  found INTEGER NOT NULL DEFAULT 0,
  UNIQUE (root_id, generation)
) STRICT;

CREATE TABLE folder (
  id INTEGER PRIMARY KEY,
  volume_id INTEGER NOT NULL REFERENCES volume,
  path BLOB NOT NULL,                 -- relative to the mount point
  root_id INTEGER NOT NULL REFERENCES root,
  generation INTEGER NOT NULL DEFAULT 0,  -- of the last scan that compared it
  excluded TEXT,                      -- why it is skipped, null when it is not
  UNIQUE (volume_id, path)
) STRICT;
CREATE INDEX folder_root ON folder (root_id, generation);

-- What ----------------------------------------------------------------------------------------

CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  folder_id INTEGER NOT NULL REFERENCES folder,
  name BLOB NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,             -- 0 when it says nothing: other names share it
  state TEXT NOT NULL
    CHECK (state IN ('pending', 'ready', 'rejected', 'failed', 'waiting')),
  gone_at INTEGER,                    -- when it was found missing, or its folder excluded
  found_at INTEGER NOT NULL,
  asset_id INTEGER REFERENCES asset,
  probe_version INTEGER NOT NULL DEFAULT 0,
  preview_version INTEGER NOT NULL DEFAULT 0,
  sha1 BLOB,
  kind TEXT,
  mime TEXT,
  is_video INTEGER,
  width INTEGER,                      -- as displayed
  height INTEGER,
  orientation INTEGER,
  duration_ms INTEGER,
  captured_ms INTEGER,
  captured_precision TEXT,
  captured_offset_min INTEGER,
  captured_source TEXT,
  captured_rank INTEGER NOT NULL DEFAULT 0,  -- how far its source is trusted; higher wins
  show_rank INTEGER NOT NULL DEFAULT 0,      -- fitness to be the shown file (SPEC 7.2); higher wins
  lat REAL,
  lon REAL,
  alt_m REAL,
  title TEXT,
  description TEXT,
  rating INTEGER,
  keywords TEXT NOT NULL DEFAULT '[]',       -- JSON list
  people TEXT NOT NULL DEFAULT '[]',         -- JSON list
  make TEXT,
  model TEXT,
  lens TEXT,
  exposure_s REAL,
  f_number REAL,
  iso INTEGER,
  focal_mm REAL,
  content_identifier TEXT,            -- the same in both halves of a live photo
  facts TEXT,                         -- JSON: all that is shown and not queried
  thumbhash BLOB,
  UNIQUE (folder_id, name)
) STRICT;
CREATE INDEX file_asset ON file (asset_id);
CREATE INDEX file_sha1 ON file (sha1) WHERE sha1 IS NOT NULL;
CREATE INDEX file_content_identifier ON file (content_identifier)
  WHERE content_identifier IS NOT NULL;
CREATE INDEX file_inode ON file (inode) WHERE inode <> 0;
-- Work and counts, each in the order of ids.
CREATE INDEX file_state ON file (state) WHERE gone_at IS NULL;
CREATE INDEX file_versions ON file (probe_version, preview_version)
  WHERE state = 'ready' AND gone_at IS NULL;
CREATE INDEX file_gone ON file (gone_at) WHERE gone_at IS NOT NULL;

CREATE TABLE problem (
  file_id INTEGER PRIMARY KEY REFERENCES file ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('rejected', 'failed', 'waiting')),
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 1,
  at INTEGER NOT NULL,
  retry_at INTEGER,
  overridden_by INTEGER REFERENCES user  -- a person said "import anyway"
) STRICT;
CREATE INDEX problem_state ON problem (state, file_id);
CREATE INDEX problem_retry ON problem (retry_at) WHERE retry_at IS NOT NULL;

CREATE TABLE asset (
  id INTEGER PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,     -- ULID: sortable, unguessable
  owner_id INTEGER NOT NULL REFERENCES user,
  shelf TEXT NOT NULL DEFAULT 'timeline'
    CHECK (shelf IN ('timeline', 'hidden', 'trash', 'missing', 'removed')),
  captured_ms INTEGER NOT NULL,       -- assets.UNDATED_MS when nothing tells
  captured_precision TEXT,
  captured_offset_min INTEGER,
  captured_source TEXT,
  ratio INTEGER NOT NULL,             -- aspect byte: width / height = 2 ** ((ratio - 128) / 32)
  is_video INTEGER NOT NULL,
  duration_ms INTEGER,
  thumbhash BLOB,
  shown_file_id INTEGER REFERENCES file DEFERRABLE INITIALLY DEFERRED,
  chosen_file_id INTEGER REFERENCES file,  -- the shown file that a person wants (SPEC 7.1)
  favourite INTEGER NOT NULL DEFAULT 0,
  rating INTEGER,
  title TEXT,
  description TEXT,
  lat REAL,
  lon REAL,
  alt_m REAL,
  hidden_at INTEGER,
  trashed_at INTEGER,
  removed_at INTEGER,
  added_at INTEGER NOT NULL,
  revision INTEGER NOT NULL           -- of the library when it last changed
) STRICT;
CREATE INDEX asset_timeline ON asset
  (owner_id, shelf, captured_ms DESC, id DESC, ratio, is_video);
CREATE INDEX asset_revision ON asset (revision);
CREATE INDEX asset_video ON asset (owner_id, shelf, captured_ms DESC, id DESC, ratio)
  WHERE is_video = 1;
CREATE INDEX asset_added ON asset (owner_id, shelf, added_at DESC, id DESC);

-- Values that a person gave; a rescan never overwrites them (SPEC 6.2).
CREATE TABLE asset_edit (
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  field TEXT NOT NULL,
  value TEXT NOT NULL,                -- JSON
  user_id INTEGER NOT NULL REFERENCES user,
  at INTEGER NOT NULL,
  PRIMARY KEY (asset_id, field)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE asset_text USING fts5 (
  title, description, keywords, people, place, camera, names,
  tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);
CREATE VIRTUAL TABLE asset_position USING rtree (id, lat_min, lat_max, lon_min, lon_max);

-- How people find things ------------------------------------------------------------------------

CREATE TABLE tag (
  id INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES tag,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,                 -- when, where, camera, lens, type, keyword, person, folder
  asset_count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (parent_id, name)
) STRICT;

CREATE TABLE asset_tag (
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag,
  source TEXT NOT NULL,               -- person, sidecar, file, path
  PRIMARY KEY (asset_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_tag_tag ON asset_tag (tag_id, asset_id);

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  owner_id INTEGER NOT NULL REFERENCES user,
  name TEXT,
  hidden INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE face (
  id INTEGER PRIMARY KEY,
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  person_id INTEGER REFERENCES person,
  x REAL, y REAL, width REAL, height REAL,  -- 0..1 of the picture as displayed
  source TEXT NOT NULL,
  embedding BLOB
) STRICT;
CREATE INDEX face_asset ON face (asset_id);
CREATE INDEX face_person ON face (person_id);

CREATE TABLE album (
  id INTEGER PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  owner_id INTEGER NOT NULL REFERENCES user,
  parent_id INTEGER REFERENCES album,
  name TEXT NOT NULL,
  description TEXT,
  query TEXT,                         -- a smart album is a saved search
  source TEXT NOT NULL DEFAULT 'person',
  cover_asset_id INTEGER REFERENCES asset ON DELETE SET NULL,
  position INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT;

CREATE TABLE album_asset (
  album_id INTEGER NOT NULL REFERENCES album ON DELETE CASCADE,
  asset_id INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  position INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (album_id, asset_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_asset_order ON album_asset (album_id, position, asset_id);
CREATE INDEX album_asset_asset ON album_asset (asset_id);

CREATE TABLE share (
  id INTEGER PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  owner_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  album_id INTEGER REFERENCES album ON DELETE CASCADE,
  with_user_id INTEGER REFERENCES user ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'contributor', 'editor')),
  password_hash TEXT,
  options TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT;

-- Every act of a person, append-only (SPEC 9.6).
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  user_id INTEGER NOT NULL REFERENCES user,
  act TEXT NOT NULL,
  before TEXT NOT NULL,               -- JSON
  after TEXT NOT NULL,                -- JSON
  undoes INTEGER REFERENCES journal
) STRICT;
CREATE INDEX journal_at ON journal (at);
