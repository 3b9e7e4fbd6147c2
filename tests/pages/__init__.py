"""Generators of the documents that are made from the code: each says with ``documents()`` what has to lie where."""
