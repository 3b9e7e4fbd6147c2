"""The rule that decides which provinces receive a fact, and the headers of feed messages."""
