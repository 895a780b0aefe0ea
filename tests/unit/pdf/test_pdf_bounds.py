"""A list may be long, but not of any length: what is beyond is said, never left out in silence."""

import time

import pytest

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.bibliography import MOST_REFERENCES, read_with_trace
from dl_lit.pdf.document import DocumentText, Line, PageText
from dl_lit.pdf.splitting.labels import by_labels
from dl_lit.pdf.titles import split_title
from tests.fakes.effort import within


def listed(count: int) -> DocumentText:
    """One page with so many numbered entries of a line each."""
    texts = [
        f"[{n}] Knuth, A. B. ({1900 + n}). On matter {n}. Journal of Things, {n}, 1-9." for n in range(1, count + 1)
    ]
    lines = [
        Line(text, 1, 72.0, 540.0, 700.0 - 12 * at, 710.0 - 12 * at, 9.0)
        for at, text in enumerate(["References", *texts])
    ]
    return DocumentText(1, (PageText(1, 612.0, 792.0, tuple(lines), (), sum(len(one.text) for one in lines)),))


def test_a_file_of_too_many_references_is_refused_with_their_number() -> None:
    assert len(read_with_trace(listed(12), most=12).bibliography.references) == 12
    with pytest.raises(PdfError) as caught:
        read_with_trace(listed(13), most=12)
    assert caught.value.reason is Reason.TOO_LARGE
    assert caught.value.detail == "13 references or more, at most 12 are taken from one file"


def test_numbers_are_read_as_labels_beyond_what_is_taken() -> None:
    """Else a list would seem to end there, its last entry holding all the others."""
    lines = [Line(f"[{n}] Knuth, A. On {n}. Things, 1984.", 1, 50.0, 300.0, -n, 9.0 - n, 9.0) for n in range(1, 9_500)]
    found = by_labels(lines)
    assert found is not None
    assert len(found[0]) == 9_499 > MOST_REFERENCES


def test_a_title_of_nothing_but_initials_takes_no_longer_the_longer_it_is() -> None:
    began = time.process_time()
    split_title("J. " * 10_000)
    assert time.process_time() - began < within(5.0)
