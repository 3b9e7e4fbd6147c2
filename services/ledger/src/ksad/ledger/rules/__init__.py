"""The rules by which reports were compiled, each under its number, so that an old report is proved by its own."""
