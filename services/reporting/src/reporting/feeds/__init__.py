"""The provinces' feeds."""
