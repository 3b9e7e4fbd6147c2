"""The dashboard: every figure opens what it counts, charts are true to their numbers, and nothing of it is hidden."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.portal.drawing import HEIGHT, RADIUS, bars, symbols
from tests.portal.conftest import FIRST, Browsers

pytestmark = pytest.mark.xdist_group("portal")
COUNTED = re.compile(r'<a[^>]*href="(/dasbor/kerja-sama[^"]+)"[^>]*>(?:<b>)?(\d+)<')
NUMBERS = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 10_000))


@pytest.mark.parametrize("office", ["minister", "governor:33"])
def test_every_figure_opens_as_many_cooperations(office: str, browsers: Browsers) -> None:
    """Whoever follows a number finds that many cooperations, and the late tasks that it counted."""
    browser = browsers.officer(office)
    page = browser.get("/dasbor").text
    found = {html.unescape(address): int(number) for address, number in COUNTED.findall(page)}
    assert len(found) >= 4
    for address, number in found.items():
        rows = browser.get(address).text
        assert rows.count('<th scope="row"') == number, address
    late = re.findall(r'href="(/dasbor/terlambat\?badan=[^"]+)">(\d+)<', page)
    for address, number in late:
        assert browser.get(address).text.count('<li class="is-late">') == int(number)


def test_what_is_blank_is_named(browsers: Browsers) -> None:
    """Provinces without a cooperation stand on the Minister's page, regions without one on their Governor's."""
    nation = browsers.officer("minister").get("/dasbor").text.partition('id="kosong"')[2]
    assert ("Aceh" in nation, "Jawa Tengah" in nation) == (True, False)
    central = browsers.officer("governor:33").get("/dasbor").text.partition('id="kosong"')[2]
    assert ("Kota Magelang" in central, "Kota Surakarta" in central) == (True, False)
    assert "/dasbor" not in browsers.officer(FIRST).get("/meja-saya").text


@given(NUMBERS)
def test_areas_are_in_proportion(numbers: dict[str, int]) -> None:
    """The largest circle fills its field; twice the number is twice the area, and nothing is no circle."""
    drawn = symbols([(one, one) for one in "abcdefg"], numbers)
    most = max(numbers.values(), default=0)
    for one in drawn:
        assert one.number == numbers.get(one.code, 0)
        if one.number:
            assert (one.radius / RADIUS) ** 2 == pytest.approx(one.number / most, abs=0.01)
        else:
            assert one.radius == 0


@given(st.lists(NUMBERS, max_size=4))
def test_bars_stand_on_one_ground(rows: list[dict[str, int]]) -> None:
    """Parts of a bar lie on one another down to the ground, and heights are on one scale."""
    most = max((sum(one.values()) for one in rows), default=0)
    for bar, numbers in zip(bars([("", one) for one in rows]), rows, strict=True):
        assert bar.total == sum(numbers.values())
        assert sum(part.height for part in bar.parts) == pytest.approx(HEIGHT * bar.total / (most or 1), abs=0.1)
        if bar.parts:
            assert bar.parts[-1].top + bar.parts[-1].height == pytest.approx(HEIGHT, abs=0.1)
