"""Makes the package's list of places from public data."""
