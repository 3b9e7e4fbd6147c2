"""The rulebook: one folder per package of the platform, and one for the platform as a whole."""
