"""The demands on the portal's security, one by one: each has its test, or says what lacks."""

import re

import pytest

from ksad.portal.languages import language
from ksad.portal.rendering import rendered
from ksad.portal.sheets import Listed
from tests.pages.portal import security
from tests.portal.conftest import FIRST, Browsers
from tests.portal.test_recording import opened
from tests.support.text.source import ROOT

pytestmark = pytest.mark.xdist_group("portal")
TEMPLATES = ROOT / "services" / "portal" / "src" / "ksad" / "portal" / "templates"
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape|Markup|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=")
TYPED = """<script>alert("x")</script>' onload='y"""


def test_each_demand_has_its_test() -> None:
    """The test of each demand is there, and whatever has none says what lacks."""
    for one in security():
        assert ("test" in one) != ("lacks" in one), one["demand"]
        if "test" in one:
            file, _, name = one["test"].partition("::")
            assert f"def {name}(" in (ROOT / "tests" / file).read_text(), one["demand"]


def test_what_people_type_is_text() -> None:
    """No template switches escaping off, no page has code of its own, and what is typed as a tag comes out as text."""
    for template in TEMPLATES.rglob("*.html"):
        assert UNESCAPED.findall(template.read_text()) == [], template.name
    tongue = language("id")
    frame = {
        "path": "/",
        "here": TYPED,
        "following": False,
        "menu": [],
        "clock": ("", ""),
        "office": None,
        "training": False,
    }
    listed = Listed(TYPED, TYPED, [TYPED], [[TYPED]])
    page = rendered("listing.html", tongue, listed=listed, back="/", names=None, **frame)
    assert "<script>" not in page
    assert "' onload='" not in page
    assert page.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") > 4


def test_nothing_that_is_typed_is_logged(browsers: Browsers, capsys: pytest.CaptureFixture[str]) -> None:
    """A request's line has its route, its status and the rule that refused it; no text of a form, and no session."""
    browser = browsers.officer(FIRST)
    key = opened(browser, "/daftarkan")
    capsys.readouterr()
    said = "Rahasia Bengawan"
    answer = browser.post("/daftarkan", data={"title": said, "kunci_formulir": key["kunci_formulir"]})
    assert answer.status_code == 422
    logged = capsys.readouterr().out
    assert "route=/daftarkan" in logged
    assert "status=422" in logged
    for secret in (said, "Bengawan", key["kunci_formulir"], browser.cookies["ksad"]):
        assert secret not in logged
