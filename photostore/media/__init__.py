"""Reads one media file: bytes in, frozen dataclass out.

Pure and synchronous: knows nothing of the database, of asyncio, of settings or of other files.
"""
