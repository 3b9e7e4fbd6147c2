"""A real browser for the tests of the portal, from what package registries serve: nothing of the system is needed."""
