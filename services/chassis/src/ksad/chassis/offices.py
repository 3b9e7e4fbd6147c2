"""The offices that a token gives an officer, each with a role, and the one under which a request is made.

A token names one office in ``office``, in which its officer may do everything, or several in ``offices``:
``[{"office": "tkksd:33", "role": "clerk"}, …]``. A request under one of several says which in ``Ksad-Office``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis.problems import Problem
from ksad.contracts.access import Role
from ksad.contracts.identifiers import OFFICE
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

OFFICE_HEADER = "Ksad-Office"
ACTOR_MAX = 64
OFFICES_MAX = 50
"""The most offices of one token; whoever reads for a whole province has fewer."""


class Caller(NamedTuple):
    """The caller: an office, the pseudonym (never the name) of the officer who acts for it, and the officer's role.

    ``session`` tells those apart who share the development pseudonym of an office; empty of every other token.
    """

    office: str
    actor_id: str
    role: Role = Role.SIGNER
    session: str = ""


class Holder(NamedTuple):
    """An officer, by pseudonym, with the offices held and the one that is meant where a request names none."""

    actor_id: str
    offices: Mapping[str, Role]
    usual: str | None
    session: str = ""

    def acting(self, named: str | None) -> Caller:
        """The caller of a request that names an office, or none.

        :raises Problem: 403, the token does not give that office, or gives several of which none was named.
        """
        office = self.usual if named is None else named
        if office is None:
            detail = f"Token ini memuat beberapa jabatan. Sebut salah satunya dalam header {OFFICE_HEADER}."
            raise Problem(RefusalKind.FORBIDDEN, "office-named", detail)
        role = self.offices.get(office)
        if role is None:
            detail = "Token ini tidak memuat jabatan yang disebut. Pilih salah satu jabatan Anda sendiri."
            raise Problem(RefusalKind.FORBIDDEN, "office-held", detail)
        return Caller(office, self.actor_id, role, self.session)


def holder_of(claims: Mapping[str, Any]) -> Holder | None:
    """The officer of verified claims; ``None`` where they name no office, one that nobody can hold, or a person."""
    given = claims.get("offices", [])
    if not isinstance(given, list) or len(given) > OFFICES_MAX or not _pseudonym(claims["sub"]):
        return None
    held: dict[str, Role] = {}
    for one in given:
        office, role = (one.get("office"), one.get("role")) if isinstance(one, dict) else (None, None)
        if not _holdable(office) or role not in list(Role) or office in held:
            return None
        held[str(office)] = Role(role)
    usual = claims.get("office")
    if usual is None:
        usual = next(iter(held)) if len(held) == 1 else None
    elif not _holdable(usual):
        return None
    else:
        held.setdefault(usual, Role.SIGNER)
    return Holder(claims["sub"], held, usual) if held else None


def _holdable(office: object) -> bool:
    # ``platform`` is the office of events that services record by themselves; no token may act for it.
    return isinstance(office, str) and OFFICE.fullmatch(office) is not None and office != "platform"


def _pseudonym(subject: object) -> bool:
    return (
        isinstance(subject, str)
        and 0 < len(subject) <= ACTOR_MAX
        and all(sign.isascii() and (sign.isalnum() or sign in "._-") for sign in subject)
    )
