-- Files that somebody added in the browser, until their act stands in the journal: all files of one
-- batch are one act, which is written when the batch ends, or by a later start (SPEC 9.6).
CREATE TABLE upload (
  file_id INTEGER PRIMARY KEY REFERENCES file ON DELETE CASCADE,
  batch TEXT NOT NULL,
  user_id INTEGER NOT NULL REFERENCES user,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_batch ON upload (batch, at);
