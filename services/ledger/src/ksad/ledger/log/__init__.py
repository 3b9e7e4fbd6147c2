"""Transparency logs: RFC 6962 trees, C2SP notes, checkpoints and tiles."""
