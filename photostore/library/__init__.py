"""Floor 2: what a person does to the library, and where it lies on disk."""
