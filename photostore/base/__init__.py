"""Floor 0: errors, settings, layout, events and log. Knows nothing of photos."""
