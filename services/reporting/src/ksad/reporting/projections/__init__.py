"""The projections in the database: generations of their rows, and the runner that keeps and rebuilds them."""
