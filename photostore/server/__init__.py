"""Floor 4: HTTP. Parse a request, make one call down, answer."""
