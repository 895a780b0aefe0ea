"""What comparing one record with one entry finds, field by field. Pure."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz import fuzz

from dl_lit.core.model import Reference, Work
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import (
    CONTAINED,
    CONTAINMENT_MIN,
    Agreement,
    author_agreement,
    author_likeness,
    container_agreement,
    number_agreement,
    page_agreement,
    people_in_common,
    title_similarity,
    without_subtitle,
    year_agreement,
)
from dl_lit.matching.normalise import first_page, squash, text_key, title_key
from dl_lit.matching.printed import printed_text
from dl_lit.matching.untitled import is_no_title, people_in_order, printed_host
from dl_lit.matching.vetoes import is_generic, veto, without_edition
from dl_lit.matching.weights import odds, probability
from dl_lit.matching.wording import another_word

TITLE_ACCEPT: Final = 0.9  # titles at least this alike are one title
TITLE_CANDIDATE: Final = 0.75  # at least this alike: worth a person's look, if author or year agree too

SEGMENT: Final = 0.97  # what a short title counts as that is all of a segment of the printed text
SEGMENT_MIN: Final = 12  # characters of the normalised title, likewise
UNBOUNDED: Final = 0.85  # what a title counts as that stands in the text, but with no mark before or behind it
SUBTITLE_LOST: Final = 0.96  # what the main title alone counts as, of its likeness
TITLE_MIN: Final = 3  # characters of a key that can be a title's
HOST_MIN: Final = 15  # letters of a book's or journal's name that is looked for in the printed text
NAME_LIKE: Final = 0.7  # how alike the first surnames are of entries that are looked at more closely without a title
HOST_LIKE: Final = 0.92  # how alike it must stand there


# "plant physiol 23 5 pp": what follows a journal's name where that was read as the title.
_NUMBERS_BEHIND = re.compile(r"(?: (?:\d+|vol|volume|no|nr|iss|issue|pp?|s|art|forthcoming|in press|to appear|t|n))+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What comparing one record with the entry found, field by field."""

    title: float  # 0 to 1
    author: Agreement
    year: Agreement
    container: Agreement
    volume: Agreement
    first_page: Agreement
    veto: str | None = None
    author_likeness: float = 0.5  # 0 to 1: of the first surnames, for names that were misread
    people: float = 0.5  # 0 to 1: share of the people named on both sides that are the same
    prints_title: bool = True  # whether the entry prints a title, as far as its reading tells
    title_letters: int = 40  # of the record's normalised title
    in_order: int = 0  # people named in one order, counted where the title says nothing
    other_word: tuple[str, str] | None = None  # the printed and the record's, where one word alone makes two titles

    @property
    def odds(self) -> float:
        """The log-odds that the record is the entry's work; a veto is no part of them."""
        return odds(self)

    @property
    def score(self) -> float:
        """How likely the record is the entry's work, 0 to 1, as learnt from real records (see `weights`).

        It orders candidates and must pass a threshold; it decides nothing alone. A veto is no part of it.
        """
        return round(probability(self.odds), 4)


def weigh(reference: Reference, work: Work) -> Evidence:
    """Compare one record with the entry."""
    title = printed_title_similarity(reference, work)
    author = author_agreement(reference, work)
    is_titled = title >= TITLE_ACCEPT or (prints_title(reference) and not _is_host(reference.title, work))
    likeness = author_likeness(reference, work)
    host, in_order = None, 0
    year, page = year_agreement(reference, work), page_agreement(reference.pages, work.pages)
    is_dated = year is not Agreement.CONFLICT or page is Agreement.AGREE
    if title < TITLE_CANDIDATE and is_dated and (author.is_positive or likeness >= NAME_LIKE):
        host = printed_host(reference.raw, work.container_title)
        is_titled = is_titled and not is_no_title(reference, work, host)
        in_order = people_in_order(reference, work)
    container = _container_agreement(reference, work, is_titled=is_titled)
    if host and not is_titled and not container.is_positive:
        container = Agreement.AGREE
    return Evidence(
        title=title,
        author=author,
        year=year,
        container=container,
        volume=_volume_agreement(reference, work),
        first_page=page,
        veto=veto(reference, work, prints_title=is_titled),
        author_likeness=likeness,
        people=people_in_common(reference, work),
        prints_title=is_titled,
        title_letters=len(squash(title_key(work.title))),
        in_order=in_order,
        other_word=_other_word(reference, work) if TITLE_CANDIDATE <= title < 1.0 else None,
    )


def _other_word(reference: Reference, work: Work) -> tuple[str, str] | None:
    """In which word alone the printed title is another; `None` where the record's is printed to the letter as well."""
    title = title_key(work.title)
    found = printed_text(reference.raw).find(title)
    if not reference.title or (found is not None and found.likeness == 1.0):
        return None
    return another_word(title_key(reference.title), title)


def _volume_agreement(reference: Reference, work: Work) -> Agreement:
    """Of the volumes; what is printed as the only number may be the issue's, which says nothing of the volume.

    The record's volume and first page, one behind the other in the text, are the volume however it was read.
    """
    read = number_agreement(reference.volume, work.volume)
    if read is Agreement.CONFLICT and work.volume and work.pages and _stand_together(reference.raw, work):
        return Agreement.AGREE
    if read is Agreement.CONFLICT and not reference.issue:
        is_issue = number_agreement(reference.volume, work.issue) is Agreement.AGREE
        return Agreement.UNKNOWN if is_issue else read
    return read


def _stand_together(raw: str, work: Work) -> bool:
    """Whether volume and first page stand in the text as they do in print: "63, 358", "63(2), 358", "63 pp. 358"."""
    page = first_page(work.pages)
    if page is None or page not in raw.lower() or (work.volume or "") not in raw:
        return False
    between = r"\W{1,3}(?:[\w/]{1,4}\)?\W{1,3})?(?:pp?\.?\s*)?"
    together = rf"(?<!\w){re.escape(work.volume or '')}{between}0*{re.escape(page)}(?!\w)"
    return re.search(together, raw, re.IGNORECASE) is not None


def prints_title(reference: Reference) -> bool:
    """Whether what was read as the title can be one: not the journal's or the book's name, nor a part of it."""
    if not reference.title and not (reference.authors or reference.editors):
        return True  # nothing was read: the text may hold one
    title = _NUMBERS_BEHIND.sub("", text_key(reference.title or ""))
    if len(title) < TITLE_MIN:
        return False
    container = text_key(reference.container_title or "")
    if not container:
        return not title.startswith("in ") or not reference.pages
    if container.startswith(title) or container.endswith(title):
        return False
    return not (title.startswith(container) and len(title) - len(container) <= HOST_MIN // 2)


def _is_host(title: str | None, work: Work) -> bool:
    """Whether what was read as the title is the journal or the book that the record's work stands in."""
    host = _NUMBERS_BEHIND.sub("", text_key(title or ""))
    if len(host) < TITLE_MIN or not work.container_title or title_similarity(host, work.title) >= TITLE_CANDIDATE:
        return False
    return container_agreement(host, work.container_title).is_positive


def _container_agreement(reference: Reference, work: Work, *, is_titled: bool) -> Agreement:
    """Of the containers; the record's may stand in the text where the reader of the entry did not see it."""
    is_title = text_key(reference.container_title or "") == text_key(reference.title or "")
    read = container_agreement(None if is_titled and is_title else reference.container_title, work.container_title)
    if read.is_positive or not work.container_title:
        return read
    if not is_titled and _is_host(reference.title, work):
        return Agreement.AGREE
    host = title_key(work.container_title)
    if len(squash(host)) < HOST_MIN or host == title_key(work.title):
        return read
    found = printed_text(reference.raw).find(host)
    return Agreement.CLOSE if found is not None and found.likeness >= HOST_LIKE else read


def printed_title_similarity(reference: Reference, work: Work) -> float:
    """How alike the titles are; without a parsed title, whether the record's title stands in the printed text."""
    best = title_similarity(reference.title, work.title) if reference.title else 0.0
    if reference.title and reference.volume and not reference.container_title and best < TITLE_ACCEPT:
        best = max(best, title_similarity(f"{reference.title}, volume {reference.volume}", work.title))
    bare = without_edition(work.title)
    if reference.title and bare != work.title:
        best = max(best, title_similarity(without_edition(reference.title), bare))
        if best == 1.0:
            return best
    if best >= TITLE_ACCEPT and _is_printed_as_host(reference, work):
        return UNBOUNDED  # the book's title was read as the entry's
    if best >= TITLE_ACCEPT:
        return best if best != CONTAINED or _is_whole(reference, work) else UNBOUNDED
    if reference.title and (main := without_subtitle(reference.title, work.title)) >= TITLE_ACCEPT:
        best = max(best, main * SUBTITLE_LOST)
    return max(best, _stands_in_text(reference, work))


def _is_printed_as_host(reference: Reference, work: Work) -> bool:
    """Whether the record's title stands behind "in": then the book was read as the title, and the title was lost."""
    text = printed_text(reference.raw)
    places = (text.find(title_key(title)) for title in (reference.title, work.title) if title)
    return any(
        found is not None and found.likeness >= TITLE_ACCEPT and _follows_in(text.letters[: found.start], reference.raw)
        for found in places
    )


def _is_whole(reference: Reference, work: Work) -> bool:
    """Whether a title found inside the other is one of its own there: not the beginning of a longer one.

    A record's shorter title must end at a mark in the text; what a longer one has besides must be printed, or be a
    subtitle.
    """
    title, read = title_key(work.title), title_key(reference.title or "")
    if without_subtitle(reference.title or "", work.title) >= CONTAINED:
        return True
    found = printed_text(reference.raw).find(title)
    if len(squash(title)) <= len(squash(read)):
        return found is None or found.is_bounded or _ends_at_host(reference, work, found.end)
    return found is not None and found.likeness >= TITLE_ACCEPT


def _ends_at_host(reference: Reference, work: Work, end: int) -> bool:
    """Whether the record's container follows right behind: some styles put no mark between the two."""
    host = squash(title_key(work.container_title or ""))[:HOST_MIN]
    behind = printed_text(reference.raw).letters[end : end + len(host)]
    return len(host) >= TITLE_MIN + 1 and fuzz.ratio(host, behind) / 100 >= HOST_LIKE


def _stands_in_text(reference: Reference, work: Work) -> float:
    """Containment of the record's title in the printed text, unless it stands there as the containing book's."""
    title = title_key(work.title)
    if is_generic(work.title):
        return 0.0
    text = printed_text(reference.raw)
    found = text.find(title)
    if found is None or found.likeness < TITLE_ACCEPT:
        return 0.0
    if len(title) < CONTAINMENT_MIN:
        is_segment = not reference.title and len(title) >= SEGMENT_MIN and found.likeness == 1.0 and found.is_bounded
        return SEGMENT if is_segment else 0.0
    before = text.letters[: found.start]
    if before.endswith(("eds", "hrsg", "editors", "ed")) and reference.authors and not reference.editors:
        return 0.0
    if is_container(reference, work) or _follows_in(before, reference.raw):
        return 0.0
    read = squash(title_key(reference.title or ""))
    is_host_twice = read == squash(title_key(reference.container_title or ""))
    if len(read) >= CONTAINMENT_MIN and not is_host_twice:
        # The parsed title is long: it must share much with the record's title to be its misreading.
        shared = fuzz.partial_ratio(read, squash(title)) / 100
        if shared < TITLE_ACCEPT:
            return 0.0
    if not found.is_bounded and not _ends_at_host(reference, work, found.end):
        return min(UNBOUNDED, found.likeness)
    return min(CONTAINED if reference.title else SEGMENT, found.likeness)


def is_container(reference: Reference, work: Work) -> bool:
    """Whether the record is the book or journal that the entry's work stands in.

    A title that the reader of the entry cut at an "in" begins as the record's does.
    """
    read = squash(title_key(reference.title or ""))
    if len(read) >= SEGMENT_MIN and squash(title_key(work.title)).startswith(read):
        return False
    return bool(
        reference.container_title
        and container_agreement(reference.container_title, work.title).is_positive
        and title_similarity(reference.title or "", work.title) < TITLE_CANDIDATE
    )


def _follows_in(before: str, raw: str) -> bool:
    """Whether "in" or "in proceedings of" stands right before the title: then it names the book, not the work."""
    if not before.endswith(("in", "inproceedingsof", "inprocof")):
        return False
    # A word that merely ends in "in" is no "in": the letters before must end a word of the text.
    head = before.removesuffix("proceedingsof").removesuffix("procof").removesuffix("in")
    length = 0
    for word in text_key(raw).split():
        if length == len(head) and word == "in":
            return True
        length += len(word)
    return False
