"""Values inside the canonical profile, for property tests."""

import unicodedata

from hypothesis import strategies as st

from ksad.contracts import canonical

TEXT = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
KEYS = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5))
