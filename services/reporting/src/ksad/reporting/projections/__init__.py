"""The projections in the database: generations of their tables, and the runner that folds and rebuilds them."""
