-- A long act is done in pieces, each in a transaction of its own with its part of the journal: the
-- first part stands in the act's row, the others here. So the journal says at any moment what is done.
CREATE TABLE journal_part (
  id INTEGER PRIMARY KEY,
  act_id INTEGER NOT NULL REFERENCES journal ON DELETE CASCADE,
  before TEXT NOT NULL,               -- JSON, as in journal
  after TEXT NOT NULL
) STRICT;
CREATE INDEX journal_part_act ON journal_part (act_id, id);
