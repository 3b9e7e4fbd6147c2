"""The pages, one module per noun: each reads what it needs as the officer, and hands a model to its template."""
