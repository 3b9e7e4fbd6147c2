"""The rules of the report chain, and of who may read and change reports, the register and the feeds."""
