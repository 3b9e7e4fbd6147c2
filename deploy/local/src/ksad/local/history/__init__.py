"""History files: reading them, checking them, and recording them in the registry."""
