"""Rules 1, by which reports recorded as ``ksad.report.compiled.v1`` were compiled; frozen, never changed.

Figures, wording and folds are what they were, and read events as recorded then, without conversion to newer versions.
A fault found here is mended in the next rules: a mend here would make false what offices have signed.
"""
