"""Numbered migrations, applied in the order of their names and never edited after a release."""
