-- What describes a file without being in it.

-- A digest of the names, sizes and times of the sidecars that a file had when it was read
-- (SPEC 6.2), null without any. Where a scan finds another one, the file is read again.
ALTER TABLE file ADD COLUMN sidecars BLOB;

-- How often facts of files in the folder were recorded since its files without a date or a zone
-- were compared with their neighbours (SPEC 6.3), which is done once nothing in it waits to be read.
ALTER TABLE folder ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX folder_unsettled ON folder (id) WHERE unsettled > 0;

-- People are found by their names whenever a file with faces is read.
CREATE INDEX person_name ON person (owner_id, name);
