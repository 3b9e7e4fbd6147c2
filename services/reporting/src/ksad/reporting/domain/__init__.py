"""The chain of reports, and who may do what with reports, the register and the feeds."""
