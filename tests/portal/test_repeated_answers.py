"""What pages ask for again and again is sent once: a service says by its mark that an answer still holds."""

import httpx
import pytest

from ksad.portal.gateway import KEPT_BYTES_MAX, KEPT_MAX, MARKS_MAX, RepeatedAnswers
from tests.portal.conftest import FIRST, Browsers

pytestmark = pytest.mark.xdist_group("portal")


def test_a_page_that_is_asked_for_again_is_read_by_marks(browsers: Browsers) -> None:
    """The lists of a desk are not sent a second time, to whichever officer is shown the same; another is sent his."""
    answers: list[tuple[str, int]] = []
    hooks = browsers.app.parts.gateway._http.event_hooks
    kept = hooks["response"]
    browsers.app.parts.gateway._http.event_hooks = {
        **hooks,
        "response": [lambda one: answers.append((one.request.url.path, one.status_code))],
    }
    try:
        pages = []
        for office in (FIRST, FIRST, "tkksd:35"):
            browser = browsers.officer(office)
            answers.clear()
            pages.append(browser.get("/meja-saya").text)
            if len(pages) == 2:
                assert {status for path, status in answers if path in {"/tasks", "/cooperations"}} == {304}
    finally:
        browsers.app.parts.gateway._http.event_hooks = {**hooks, "response": kept}
    for own in ("Pengolahan sampah", "Menunggu konfirmasi"):
        assert own not in pages[2]


def test_lists_say_that_they_have_not_changed(browsers: Browsers) -> None:
    """Each list that pages repeat answers 304 to its mark, and in full to another; nobody else may keep it."""
    for service, path in (
        ("supervision", "/tasks"),
        ("reporting", "/cooperations"),
        ("reporting", "/dashboard"),
        ("reporting", "/verification"),
        ("reporting", "/reports"),
    ):
        url = browsers.platform.endpoints[service] + path
        with browsers.client() as client:
            headers = client._headers("tkksd:33")
        first = httpx.get(url, headers=headers)
        assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache"), path
        same = httpx.get(url, headers=headers | {"If-None-Match": f'"x", {first.headers["etag"]}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
        assert httpx.get(url, headers=headers | {"If-None-Match": '"x"'}).content == first.content


def test_what_is_kept_has_its_limits() -> None:
    """The answers that were not asked for longest make room, by number and by size; a question names a few marks."""
    kept = RepeatedAnswers()
    for number in range(KEPT_MAX + 1):
        kept.keep(f"/{number}", '"a"', b"x")
    assert (kept.of("/0"), kept.of(f"/{KEPT_MAX}")) == ({}, {'"a"': b"x"})
    for number in range(MARKS_MAX + 1):
        kept.keep("/same", f'"{number}"', b"x")
    assert list(kept.of("/same")) == [f'"{number}"' for number in range(1, MARKS_MAX + 1)]
    kept.keep("/large", '"b"', b"x" * KEPT_BYTES_MAX)
    assert kept.of(f"/{KEPT_MAX}") == {}
    kept.keep("/large", '"c"', b"y" * KEPT_BYTES_MAX)
    assert list(kept.of("/large")) == ['"c"']
