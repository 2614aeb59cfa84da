-- What describes a file without being in it.

-- A digest of the names, sizes and times of the sidecars that a file had when it was read
-- (SPEC 6.2), null without any. Where a scan finds another one, the file is read again.
ALTER TABLE file ADD COLUMN sidecars BLOB;

-- Set when facts of a file in the folder were recorded: its files without a date or a zone are then
-- compared with their neighbours (SPEC 6.3), once nothing in the folder waits to be read.
ALTER TABLE folder ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX folder_unsettled ON folder (id) WHERE unsettled = 1;

-- People are found by their names whenever a file with faces is read.
CREATE INDEX person_name ON person (owner_id, name);
