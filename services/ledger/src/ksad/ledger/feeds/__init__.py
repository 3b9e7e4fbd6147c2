"""The rule of what concerns a province, and the headers of its messages."""
