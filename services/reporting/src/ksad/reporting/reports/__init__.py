"""The use cases of the report chain: a version is compiled, submitted, accepted or returned."""
