"""Which role an act takes: told of every act, for one of a few reasons, and the same wherever it is asked."""

from pathlib import Path

import pytest

from ksad.chassis.access import READING, endpoints
from ksad.contracts.access import AccessTable, Role
from ksad.contracts.access.registry import TABLE as REGISTRY
from ksad.contracts.access.reporting import TABLE as REPORTING
from ksad.contracts.access.supervision import TABLE as SUPERVISION
from ksad.registry.domain.acts import ACTS
from ksad.registry.domain.commands import COMMANDS
from tests.pages.openapi import apps

TABLES = {"registry": REGISTRY, "supervision": SUPERVISION, "reporting": REPORTING}
OF_ALL = {"documents"}
"""Acts of the machinery that every service has: who may record anything may keep a document."""
EFFECTS = {
    "accord_signed": "sign-accord", "agreement_signed": "sign-agreement", "agreement_amended": "amend",
    "agreement_extended": "extend", "party_joined": "add-party", "ended": "end", "dispute_settled": "settle-dispute",
    "division_agreed": "divide",
}  # fmt: skip
"""The acts that bind several parties, by their effect."""


def test_every_act_has_a_role_and_a_reason(tmp_path: Path) -> None:
    """No route that records anything is left to a default, and the table has no act that there is not."""
    for name, app in apps(tmp_path).items():
        routes = {one.path.rpartition("/")[2] for one in endpoints(app) if one.method not in READING and one.action}
        told = {act for act in TABLES[name].roles if act != "register"}
        assert routes - OF_ALL == told, name
    assert COMMANDS.keys() <= REGISTRY.roles.keys()


def test_what_binds_a_region_is_signed() -> None:
    """Every act of several, its confirmation and refusal, and what a region does alone to leave, is a signer's."""
    kinds = {kind.declaration.name.rpartition(".")[2] for kind in ACTS}
    assert kinds == EFFECTS.keys()
    alone = ("confirm-act", "refuse-act", "withdraw-act", "withdraw-party", "withdraw-proposal")
    assert {REGISTRY.roles[act].role for act in (*EFFECTS.values(), *alone)} == {Role.SIGNER}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_same_reason_gives_the_same_role(table: AccessTable) -> None:
    """A reason is that of one role; what mends an entry is a reviewer's in every service."""
    rules = set(table.roles.values())
    assert len({one.because for one in rules}) == len(rules)
    assert table.roles["correct"].role is Role.REVIEWER
