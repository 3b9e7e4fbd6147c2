"""The use cases of the report chain: compile, submit, accept, return and correct."""
