"""The digest of rows does not depend on the order in which a database gives them."""

import hashlib
import random

from ksad.ledger.folds.digest import digest, lines
from ksad.ledger.folds.recap import RECAP, RecapProjection
from ksad.ledger.folds.rows import Table

ODD = ("a", "a!", 'a"', "a b", "a\\", "a\n", "ä", "b")
"""Texts that SQL and JSON sort in different orders."""


def test_rows_in_any_order_have_one_digest(rng: random.Random) -> None:
    """The lines are hashed in the order of their bytes, also where the rows come in another one."""
    rows = [(scope, measure, rng.randint(0, 99)) for scope in ODD for measure in ODD]
    wanted = hashlib.sha256(b"".join(lines(RECAP, rows))).hexdigest()
    mixed = rng.sample(rows, len(rows))

    for given in (sorted(rows), mixed):

        def stored(_: object, table: Table, given: list[tuple[str, str, int]] = given) -> list[tuple[str, str, int]]:
            return given if table == RECAP else []

        found = digest([RecapProjection()], stored)
        assert (found.sha256, found.rows) == (wanted, {"recap": len(rows)})
