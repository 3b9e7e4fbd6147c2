"""The reporting service: the journal, its projections, the reports, the feeds and the proofs."""
