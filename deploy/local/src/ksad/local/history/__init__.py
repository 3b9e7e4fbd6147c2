"""History files: read, checked and played into the registry."""
