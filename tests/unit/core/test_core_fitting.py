"""Names with something before or after them fit on the disk."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.fitting import LONGEST, fitting

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=300)


@given(NAMES, st.sampled_from(["", "."]), st.sampled_from(["", ".reason.txt", "-2.pdf"]))
def test_a_name_fits_and_says_as_much_as_it_can(name: str, before: str, after: str) -> None:
    """Short ones are left alone, letters are left whole, and what is put around stays."""
    made = fitting(name, before=before, after=after)
    assert len(made.encode()) <= LONGEST
    assert made.startswith(before)
    assert made.endswith(after)
    whole = f"{before}{name}{after}"
    if len(whole.encode()) <= LONGEST:
        assert made == whole
    else:
        kept = made.removeprefix(before).removesuffix(after)[:-9]
        assert name.startswith(kept)
        assert len(made.encode()) > LONGEST - 4


def test_names_that_differ_at_their_end_alone_do_not_become_the_same() -> None:
    one, other = ("ä" * 130 + end for end in "xy")
    assert fitting(one) != fitting(other)


def test_bytes_that_are_no_text_are_kept() -> None:
    """What a disk holds need not be UTF-8."""
    made = fitting(os.fsdecode(b"\xff" * 300), after=".pdf")
    assert len(os.fsencode(made)) == LONGEST
