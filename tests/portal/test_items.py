"""What people expect of such a portal is listed item by item, with pages that exist and tests that are there."""

from pathlib import Path

from ksad.chassis.access import endpoints
from tests.pages.portal import ITEMS, items, portal
from tests.support.text.source import ROOT


def test_each_item_has_its_page_and_its_test(tmp_path: Path) -> None:
    """Of each of the 46 items the pages are routes and the test is one of this folder, or it says what lacks."""
    routes = {one.path for one in endpoints(portal(tmp_path)) if one.method == "GET"}
    listed = items()
    assert len(listed) == ITEMS
    for one in listed:
        assert set(one.get("pages", ())) <= routes, one["what"]
        assert one.get("pages") or one.get("lacks"), one["what"]
        assert bool(one.get("pages")) == bool(one.get("test")), one["what"]
        if "test" in one:
            file, _, name = one["test"].partition("::")
            assert f"def {name}(" in (ROOT / "tests" / "portal" / file).read_text(), one["what"]
