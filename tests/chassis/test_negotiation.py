"""What a client says it takes and has: weights, case and wildcards as RFC 9110 has them."""

import pytest

from ksad.chassis.negotiation import matches, takes_gzip


@pytest.mark.fault(
    "bug-reports 11",
    kind="a header is searched for a word instead of being read",
    looked="every place that reads a header: encodings, tags, tokens, positions, media types",
    found="If-None-Match was read by nobody",
)
@pytest.mark.fault(
    "province F7",
    kind="a header is searched for a word instead of being read",
    looked="as bug-reports 11; HEAD on every path: bug-reports 9",
    found="nothing more",
)
@pytest.mark.parametrize(
    ("header", "taken"),
    [
        *[
            (one, True)
            for one in ("gzip", "GZIP", "*", "x-gzip", "deflate, gzip;q=0.5", "gzip ; q=0.001", "br,*;q=0.1")
        ],
        *[
            (one, True)
            for one in ("identity;q=0.5, gzip", "gzip;q=1.000", "identity;q=0, gzip;q=0.1", "gzip, gzip;q=0")
        ],
        *[(one, False) for one in ("", "identity", "gzip;q=0", "gzip;q=0.0", "identity, gzip;q=0.000", "*;q=0")],
        *[(one, False) for one in ("x-gzipped", "gzip;q=2", "gzip;q=-1", "identity, gzip;q=0.5", "*, gzip;q=0", "br")],
    ],
)
def test_an_answer_is_compressed_for_who_takes_it(header: str, taken: bool) -> None:
    """Gzip is taken under any spelling with a weight above zero, unless the client likes the answer better as it is."""
    assert takes_gzip(header) is taken


@pytest.mark.parametrize(
    ("header", "same"),
    [
        *[(one, True) for one in ('"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', "*", ' "a" ')],
        *[(one, False) for one in ('"b"', "a", '"A"', '"a', "", '"b, "a"x"')],
    ],
)
def test_a_tag_is_known_by_weak_comparison(header: str, same: bool) -> None:
    """A list of tags names a representation if one of them is its own, weak or strong."""
    assert matches(header, '"a"') is same
    assert matches(header, 'W/"a"') is same
