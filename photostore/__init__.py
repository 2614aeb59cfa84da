"""photostore: a self-hosted photo and video library in one process."""

__version__ = "0.1.0"
