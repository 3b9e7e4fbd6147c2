"""Functions of the log's bytes: trees and proofs, folds, figures, printing, archives.

The package writes no file, reads no clock, opens no connection and holds no private key, except that
`archive.archive` also writes archives. The service publishes and the auditor checks with the same functions.
"""
