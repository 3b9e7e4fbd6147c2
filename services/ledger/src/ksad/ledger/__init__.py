"""The ledger: what can be computed from the log's bytes alone. It writes nothing and holds no private key."""
