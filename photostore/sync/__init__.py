"""Floor 3: disk to library. A file's journey can be read in `pipeline.py`."""
