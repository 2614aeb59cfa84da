"""Floor 1: the library's database. The only floor with SQL; knows nothing of media formats."""
