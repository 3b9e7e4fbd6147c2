"""Real servers and bounded waiting for the tests; nothing here stands in for a part of the platform."""
