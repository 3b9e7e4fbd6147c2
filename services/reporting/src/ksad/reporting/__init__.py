"""Remembers and tells: the journal, its projections, the reports, the feeds and the proofs."""
