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
    "head-without-mandate",
    "item-nihil",
    "item-not-nihil",
    "item-proof",
    "letter-number-once",
    "mandate-named",
    "notice-has-letter",
    "number-known",
    "number-per-party",
    "one-signatory",
    "proof-or-nihil",
    "recorded-from-document",
    "recorded-from-paper",
    "revocation-has-letter",
    "withdrawal-has-letter",
)
"""From which paper something is recorded, under which number, signed by whom."""

CONSENT = (
    "confirmed-once",
    "is-asked",
    "is-proposer",
    "legacy-of-paper",
    "one-proposal",
    "over-refusal",
    "own-number-only",
    "proposal-open",
    "same-parties",
)
"""The form of consent (record 0024)."""

RECORD = (
    "accord-in-force",
    "accord-known",
    "accords-in-sequence",
    "acknowledged-once",
    "affair-known",
    "agreement-drafting",
    "agreement-known",
    "agreement-own-line",
    "agreements-first",
    "body-stands",
    "carried-into-next",
    "carried-known",
    "decision-requested-once",
    "delivered-once",
    "dispute-between-parties",
    "dispute-key-unique",
    "dispute-open",
    "division-itemised",
    "division-of-newest",
    "entry-changed",
    "entry-verifiable",
    "evaluation-filed",
    "findings-filed",
    "findings-of-oversight",
    "follow-up-ahead",
    "follow-up-by-office",
    "follow-up-kept",
    "follow-up-known",
    "follow-up-of-deviation",
    "follow-up-open",
    "ground-is-early",
    "initiator-is-party",
    "item-known",
    "item-once",
    "item-unique",
    "joins-something",
    "narrative-not-nihil",
    "notice-fits-profile",
    "notice-known",
    "one-end",
    "one-notice",
    "opened-once",
    "paid-within-amount",
    "parties-reached",
    "problem-key-unique",
    "problem-open",
    "proposal-known",
    "receipt-after-delivery",
    "recompile-when-returned",
    "region-known",
    "region-not-party",
    "region-once",
    "region-valid",
    "reminder-acknowledged",
    "reminder-sent",
    "report-state",
    "row-once",
    "satisfies-same-dispute",
    "settlement-open",
    "signed-once",
    "sold-for-what",
    "sum-in-rupiah",
    "task-for-party",
    "task-open",
    "written-before-sent",
)
"""What keeps the record whole: what is named is there, each thing once, under one key, in its state."""

DAYS = (
    "after-registration",
    "approval-in-order",
    "body-in-order",
    "dispute-in-order",
    "extension-is-longer",
    "joined-before-left",
    "notice-within-term",
    "period-begun",
    "period-closed",
    "period-over",
    "period-owed",
    "problem-in-order",
    "signing-ahead",
    "task-in-order",
    "term-after-signing",
    "while-in-force",
    "workbook-in-time",
)
"""On which day, after what, and for which period: the regulation sets no period, and these clauses no order."""

CLOSERS = (
    "backfill-closes-it",
    "built-from-accepted",
    "receipts-close-it",
    "verification-closes-it",
)
"""What completes a task by itself, and what a report is built from."""

OFFICES = (
    "deliberation-recorded",
    "is-initiator",
    "is-side",
    "own-chain",
    "own-draft",
    "own-entry",
    "own-event",
    "own-initiative",
    "own-notice",
    "own-problem",
    "owes-or-supervises",
    "side-deliberates",
    "supervises",
    "supervises-entries",
)
"""Which office records, examines or reads what, where the clause says who cooperates, supervises or reports."""

POLICIES = frozenset((*PAPER, *CONSENT, *RECORD, *DAYS, *CLOSERS, *OFFICES))


def is_policy(rule: str) -> bool:
    """Whether a rule is the platform's own, although its refusals name the clause that it serves."""
    return rule in POLICIES
