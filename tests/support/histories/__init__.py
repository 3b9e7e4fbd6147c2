"""Histories: facts, lives and reports, made by hand or by chance, as values or over HTTP."""
