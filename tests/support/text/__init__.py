"""The text of the project, for the tests that read it instead of running it."""
