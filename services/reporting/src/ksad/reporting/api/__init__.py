"""Reporting's HTTP interface, one module per noun."""
