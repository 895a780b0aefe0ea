"""Whether a file is as long as the work, from the pages its record gives. Pure."""

from __future__ import annotations

import re
from typing import Final

from dl_lit.core.model import Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import text_key
from dl_lit.matching.proof.front import Front
from dl_lit.matching.proof.signs import Sign

MOST_TIMES: Final = 4  # the work's pages, that a file of it alone has: manuscripts are set widely
_MORE_PAGES: Final = 24  # beyond that: supplements are bound in
_LEAST_SHARE: Final = 0.25  # of the work's pages that a file of it has: two pages side by side, smaller type
_SHORT: Final = 2  # pages of an abstract or preview
_FULL_WORDS: Final = 200  # on a page: one that is full of text breaks off, one of fewer is an abstract
_RANGE = re.compile(r"(?<!\d)(\d{1,5})\s*[-–—]+\s*(\d{1,5})(?!\d)")
_LONGEST: Final = 1_500  # pages of one work; what is longer is a misprint
_CHAPTER_OF_WHOLE: Final = 60  # pages of a file, and more, that is a whole book where a chapter is sought


def pages_of(work: Work) -> int | None:
    """How many pages the work has by its record; None where that is not told."""
    match = _RANGE.search(work.pages or "")
    if match is None:
        return None
    first, last = match.groups()
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    count = int(last) - int(first) + 1
    return count if 0 < count <= _LONGEST else None


def length_signs(front: Front, page_count: int, work: Work) -> list[Sign]:
    """What the file's length says against its being the work, and no more than it."""
    length = page_count - len(front.covers)
    pages = pages_of(work)
    if work.type is WorkType.BOOK:
        if length <= _SHORT:
            return [Sign(f"{_told(length)} are too few for a book", Reason.PREVIEW_ONLY, is_sure=False)]
        return []
    if pages is None:
        is_part = work.type in {WorkType.CHAPTER, WorkType.ARTICLE_JOURNAL, WorkType.PAPER_CONFERENCE}
        if is_part and length >= 4 * _CHAPTER_OF_WHOLE:
            return [Sign(f"{length} pages are more than one {_kind(work)}'s", Reason.WRONG_WORK, is_sure=False)]
        return []
    if length < _LEAST_SHARE * pages:
        is_broken_off = front.words >= _FULL_WORDS * min(length, _SHORT)
        is_sure = length <= _SHORT and pages >= 4 * _SHORT and is_broken_off
        return [Sign(f"{length} of {pages} pages", Reason.PREVIEW_ONLY, is_sure=is_sure, is_weak=length > _SHORT)]
    if length > MOST_TIMES * pages + _MORE_PAGES:
        return [
            Sign(
                f"{length} pages, and the work has {pages}: it may be a whole volume", Reason.WRONG_WORK, is_sure=False
            )
        ]
    return []


def _told(length: int) -> str:
    return "one page" if length == 1 else f"{length} pages"


def _kind(work: Work) -> str:
    return text_key(work.type.value).split()[0]
