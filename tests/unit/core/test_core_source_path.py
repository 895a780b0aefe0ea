"""Every path has a text of its own that can be written down, whatever bytes it is made of."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.source_path import path_of, path_text

_NAMES = st.lists(
    st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from([b"\\", b"\\x", b"\\x5c", b"\\xff", b"\xff", b"x"]))
).map(lambda parts: b"".join(parts).replace(b"/", b"").replace(b"\0", b"") or b"a")


@given(_NAMES)
def test_the_text_can_be_written_and_leads_back(name: bytes) -> None:
    """UTF-8 takes the text of any path, and the path comes back from it."""
    path = Path(os.fsdecode(b"/papers/" + name))
    text = path_text(path)
    text.encode()
    assert path_of(text) == path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"plain \xc3\xa9.pdf", "plain é.pdf"),
        (b"non\xff\xfeutf8.pdf", "non\\xff\\xfeutf8.pdf"),
        (b"a\\b.pdf", "a\\b.pdf"),
        (b"a\\xff.pdf", "a\\x5cxff.pdf"),
    ],
)
def test_only_what_must_be_is_written_otherwise(name: bytes, text: str) -> None:
    """Usual names stay as they are."""
    assert path_text(Path(os.fsdecode(name))) == text
