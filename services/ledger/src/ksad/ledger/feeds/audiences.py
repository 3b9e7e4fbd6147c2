"""For whom the facts of each event name are, in all its versions, by version of the feed rule; frozen with it.

``public`` and ``parties`` are for all provinces of the matter that a fact belongs to, ``supervisor`` for the one whose
TKKSD supervises it. A name that a table does not have is for nobody. The catalogue's audiences, which say what offices
see over HTTP, may change; these may not, for every feed was, and is verified to be, selected by them.
"""

from __future__ import annotations

PUBLIC, PARTIES, SUPERVISOR = "public", "parties", "supervisor"

RULE_1: dict[str, str] = {
    **dict.fromkeys(
        (
            "ksad.anchor.feeds_anchored",
            "ksad.anchor.log_continued",
            "ksad.body.supervising_body_established",
            "ksad.calendar.day_passed",
            "ksad.cooperation.accord_signed",
            "ksad.cooperation.agreement_amended",
            "ksad.cooperation.agreement_extended",
            "ksad.cooperation.agreement_signed",
            "ksad.cooperation.body_formed",
            "ksad.cooperation.council_approval_recorded",
            "ksad.cooperation.ended",
            "ksad.cooperation.party_joined",
            "ksad.cooperation.party_withdrew",
            "ksad.cooperation.profile_bound",
            "ksad.cooperation.proposal_withdrawn",
            "ksad.cooperation.registered",
            "ksad.cooperation.stage_entered",
            "ksad.reference.boundary_changed",
            "ksad.reference.reference_adopted",
            "ksad.supervision.jurisdiction_resolved",
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            "ksad.cooperation.backfill_closed",
            "ksad.cooperation.corrected",
            "ksad.cooperation.dispute_decision_requested",
            "ksad.cooperation.dispute_escalated",
            "ksad.cooperation.dispute_raised",
            "ksad.cooperation.dispute_settled",
            "ksad.cooperation.problem_reported",
            "ksad.cooperation.problem_resolved",
            "ksad.cooperation.signing_scheduled",
            "ksad.cooperation.termination_item_added",
            "ksad.cooperation.termination_item_completed",
            "ksad.cooperation.termination_notice_given",
            "ksad.task.cancelled",
            "ksad.task.declined",
            "ksad.task.delivered",
            "ksad.task.handed_over",
            "ksad.task.reminder_acknowledged",
            "ksad.task.scheduled",
        ),
        PARTIES,
    ),
    **dict.fromkeys(
        (
            "ksad.report.accepted",
            "ksad.report.compiled",
            "ksad.report.corrected",
            "ksad.report.returned",
            "ksad.report.submitted",
            "ksad.task.assigned",
            "ksad.task.completed",
            "ksad.task.corrected",
            "ksad.task.escalated",
            "ksad.task.overdue",
            "ksad.task.reminded",
        ),
        SUPERVISOR,
    ),
}
"""Frozen: those of release 0.1.0 (commit 319cae9), all types that there were."""

RULE_2: dict[str, str] = {
    **RULE_1,
    **dict.fromkeys(
        (
            "ksad.cooperation.agreement_dropped",
            "ksad.cooperation.agreement_opened",
            "ksad.cooperation.body_dissolved",
            "ksad.cooperation.entry_verified",
            "ksad.cooperation.public_corrected",
            "ksad.cooperation.settlement_closed",
            "ksad.reference.platform_opened",
            "ksad.reference.text_supplied",
            "ksad.supervision.agreement_jurisdiction_resolved",
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            "ksad.cooperation.act_closed",
            "ksad.cooperation.act_confirmed",
            "ksad.cooperation.act_proposed",
            "ksad.cooperation.act_refused",
            "ksad.cooperation.division_agreed",
            "ksad.cooperation.entry_returned",
            "ksad.cooperation.goods_inventoried",
            "ksad.cooperation.obligations_listed",
            "ksad.cooperation.termination_notice_revoked",
        ),
        PARTIES,
    ),
    "ksad.report.discarded": SUPERVISOR,
    "ksad.task.reminder_opened": SUPERVISOR,
    "ksad.report.narrative_written": SUPERVISOR,
    # Besides for the province of the party that it was given to, or that declined (`ksad.ledger.feeds.threads`).
    "ksad.task.declined": SUPERVISOR,
    "ksad.task.delivered": SUPERVISOR,
    # By it a duty ends, and whoever was told that it began is told.
    "ksad.task.completed": PARTIES,
    # Whoever has a fact gets its correction; one that names an officer is an exception (`ksad.ledger.feeds.rules`).
    "ksad.task.corrected": PARTIES,
    "ksad.task.follow_up_closed": PARTIES,
}
"""May grow until the release that brings it: types that rule 1 does not have are entered here, and nowhere else."""

UNFED = frozenset({"ksad.anchor.feed_rule_adopted"})
"""Types that the newest rule leaves out on purpose: the national log has them."""
