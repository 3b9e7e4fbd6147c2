"""Rules that the platform sets itself, and whose clause names what they serve, not what says them: policy."""

from __future__ import annotations

PAPER = (
    "act-has-document",
    "acting-by-letter",
    "body-has-instrument",
    "copy-is-pdf",
    "copy-of-sent",
    "correction-has-deed",
    "decision-has-document",
    "decision-has-number",
    "delivery-has-content",
    "dispute-has-letter",
    "document-attached",
    "escalation-has-letter",
    "letter-number-once",
    "notice-has-letter",
    "number-known",
    "number-per-party",
    "proof-or-nihil",
    "recorded-from-document",
    "recorded-from-paper",
    "revocation-has-letter",
    "withdrawal-has-letter",
)
"""From which paper something is recorded, under which number."""

CONSENT = ("confirmed-once", "legacy-of-paper", "one-proposal", "over-refusal", "own-number-only", "proposal-open")
"""The form of consent (record 0024)."""

RECORD = (
    "acknowledged-once",
    "carried-known",
    "decision-requested-once",
    "delivered-once",
    "dispute-key-unique",
    "dispute-open",
    "division-of-newest",
    "entry-changed",
    "entry-verifiable",
    "evaluation-filed",
    "findings-of-oversight",
    "follow-up-ahead",
    "follow-up-by-office",
    "follow-up-kept",
    "follow-up-known",
    "follow-up-of-deviation",
    "follow-up-open",
    "item-known",
    "item-once",
    "item-unique",
    "joins-something",
    "narrative-not-nihil",
    "notice-known",
    "one-end",
    "one-notice",
    "opened-once",
    "paid-within-amount",
    "problem-key-unique",
    "problem-open",
    "proposal-known",
    "receipt-after-delivery",
    "recompile-when-returned",
    "reminder-acknowledged",
    "reminder-sent",
    "report-state",
    "row-once",
    "satisfies-same-dispute",
    "settlement-open",
    "signing-ahead",
    "sold-for-what",
    "sum-in-rupiah",
    "written-before-sent",
)
"""What keeps the record whole: each thing once, under one key, in its state and on its day."""

CLOSERS = ("backfill-closes-it", "receipts-close-it", "report-submitted", "verification-closes-it")
"""What completes a task by itself."""

POLICIES = frozenset((*PAPER, *CONSENT, *RECORD, *CLOSERS))


def is_policy(rule: str) -> bool:
    """Whether a rule is the platform's own, although its refusals name the clause that it serves."""
    return rule in POLICIES
