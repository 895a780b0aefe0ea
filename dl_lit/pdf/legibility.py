"""Whether a document's text layer is there, and is text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.document import DocumentText

_FEWEST_CHARACTERS = 40  # in the whole document; fewer beside an image is a scan with a stamp
_FEWEST_PER_PAGE = 15  # on average; scans carry a line of the archive's on each page at most
_SAMPLE = 40_000  # characters looked at
_UNMAPPED_SHARE = 0.3
_LETTER_SHARE = 0.25  # of the printed characters, in a text that is one; lists of figures have more
_ENOUGH_LETTERS = 400  # to judge by
_VOWEL_SHARE = 0.18  # of the letters a to z; in the languages written with them it is 0.33 to 0.48

_NOT_LATIN = re.compile(r"[^A-Za-z]+")


def judge_text(document: DocumentText) -> None:
    """Raise `PdfError` `no-text-layer` or `garbled-text` when the text cannot be read; else do nothing."""
    characters = sum(page.characters for page in document.pages)
    unmapped = sum(page.unmapped for page in document.pages)
    is_pictorial = any(page.has_image for page in document.pages)
    found = f"{characters} characters on {document.page_count} page{'' if document.page_count == 1 else 's'}"
    if characters == 0:
        raise PdfError(Reason.NO_TEXT_LAYER, found)
    if unmapped > _UNMAPPED_SHARE * characters:
        raise PdfError(Reason.GARBLED_TEXT, f"{unmapped} of {characters} characters have no Unicode meaning")
    too_few = characters < _FEWEST_CHARACTERS or characters < _FEWEST_PER_PAGE * document.page_count
    if too_few and is_pictorial:
        raise PdfError(Reason.NO_TEXT_LAYER, found)
    if detail := _garbled(document):
        raise PdfError(Reason.GARBLED_TEXT, detail)


def _garbled(document: DocumentText) -> str | None:
    """What makes the text no text, where its characters are mapped but to the wrong ones; `None` if nothing does."""
    visible = "".join("".join(_sample(document)).split())[:_SAMPLE]
    if len(visible) < _ENOUGH_LETTERS:
        return None
    letters = sum(map(str.isalpha, visible))
    if letters < _LETTER_SHARE * len(visible):
        return f"{letters} letters among {len(visible)} characters"
    latin = _NOT_LATIN.sub("", visible)
    vowels = sum(map(latin.count, "aeiouyAEIOUY"))
    if len(latin) >= _ENOUGH_LETTERS and vowels < _VOWEL_SHARE * len(latin):
        return f"{vowels} vowels among {len(latin)} letters"
    return None


def _sample(document: DocumentText) -> Iterator[str]:
    """The texts of the first lines, as many as are looked at."""
    length = 0
    for page in document.pages:
        for line in page.lines:
            yield line.text
            length += len(line.text)
        if length > _SAMPLE:
            return
