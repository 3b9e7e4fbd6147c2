"""The registry's HTTP interface, one module per noun."""
