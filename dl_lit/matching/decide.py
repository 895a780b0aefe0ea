"""Which of several records a printed entry is: accept what is proven, abstain from the rest. Pure.

The rule: the title agrees (nearly equal, or one contains the other), the first author or editor agrees, and the year is
the same or the next. An entry that prints no title is compared by its text, or by journal, volume, first page, author
and year together. A record that agrees only in part is a candidate for a person; two equally good ones are ambiguous.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from dl_lit.core.model import Reference, Work, WorkType
from dl_lit.matching.compare import (
    CONTAINED,
    CONTAINMENT_MIN,
    Agreement,
    author_agreement,
    container_agreement,
    number_agreement,
    page_agreement,
    position_of,
    printed_years,
    title_similarity,
    year_agreement,
)
from dl_lit.matching.identity import same_work
from dl_lit.matching.normalise import squash, text_key, title_key
from dl_lit.matching.vetoes import is_generic, veto

TITLE_ACCEPT = 0.9  # titles at least this alike are one title
TITLE_CANDIDATE = 0.75  # at least this alike: worth a person's look, if author or year agree too
TITLE_ALONE = 0.97  # what a title must reach where the author or the year cannot be compared
TITLE_ALONE_MIN = 30  # characters of the normalised title, likewise
MARGIN = 0.015  # the best record must be this much better than any other work
CONFIRMS_TITLE = 0.7  # a record found by its identifier is the printed work if titles are this alike
MAX_CANDIDATES = 5  # how many a person is shown
CONFIRMS_PEOPLE_TITLE = 0.4  # or this alike while author and year agree

_WEIGHTS = {"title": 0.60, "author": 0.15, "year": 0.10, "container": 0.05, "volume": 0.05, "page": 0.05}
_WORTH = {Agreement.AGREE: 1.0, Agreement.CLOSE: 0.8, Agreement.UNKNOWN: 0.5, Agreement.CONFLICT: 0.0}


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

    @property
    def score(self) -> float:
        """The weighted sum, 0 to 1; it orders candidates and decides nothing alone."""
        fields = (self.author, self.year, self.container, self.volume, self.first_page)
        names = ("author", "year", "container", "volume", "page")
        rest = sum(_WEIGHTS[name] * _WORTH[value] for name, value in zip(names, fields, strict=True))
        return round(_WEIGHTS["title"] * self.title + rest, 4)


@dataclass(frozen=True, slots=True)
class Scored:
    """A record with what speaks for and against it."""

    work: Work
    score: float  # 0 to 1
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Accepted:
    """The entry is `work`, proven by `evidence`."""

    work: Work
    score: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Not proven: what a person may choose from, the best first."""

    candidates: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """None of the records is the entry."""


Decision = Accepted | Ambiguous | NoMatch


def decide(reference: Reference, candidates: Sequence[Work]) -> Decision:
    """Choose among `candidates`, or abstain."""
    scored = sorted(
        (Scored(work, evidence.score, evidence) for work in candidates for evidence in [weigh(reference, work)]),
        key=lambda one: -one.score,
    )
    proven = [one for one in scored if is_proven(reference, one.work, one.evidence)]
    if proven:
        return _choose(reference, proven)
    near = _distinct([one for one in scored if _is_near(one.evidence)])
    return Ambiguous(tuple(near[:MAX_CANDIDATES])) if near else NoMatch()


def weigh(reference: Reference, work: Work) -> Evidence:
    """Compare one record with the entry."""
    pages = reference.pages
    return Evidence(
        title=printed_title_similarity(reference, work),
        author=author_agreement(reference, work),
        year=year_agreement(reference, work),
        container=container_agreement(reference.container_title, work.container_title),
        volume=number_agreement(reference.volume, work.volume),
        first_page=page_agreement(pages, work.pages),
        veto=veto(reference, work),
    )


def printed_title_similarity(reference: Reference, work: Work) -> float:
    """How alike the titles are; without a parsed title, whether the record's title stands in the printed text."""
    best = title_similarity(reference.title, work.title) if reference.title else 0.0
    if best >= TITLE_ACCEPT:
        return best
    return max(best, _stands_in_text(reference, work))


def _stands_in_text(reference: Reference, work: Work) -> float:
    """Containment of the record's title in the printed text, unless it stands there as the containing book's."""
    title, raw = title_key(work.title), text_key(reference.raw)
    if len(title) < CONTAINMENT_MIN or is_generic(work.title):
        return 0.0
    at = position_of(title, raw)
    if at is None:
        return 0.0
    before = squash(raw)[:at]
    if before.endswith(("eds", "hrsg", "editors", "ed")) and reference.authors and not reference.editors:
        return 0.0
    if _is_container(reference, work) or _follows_in(raw, title):
        return 0.0
    if reference.title and len(title_key(reference.title)) >= CONTAINMENT_MIN:
        # The parsed title is long and another: the parse must share words with the record's title to be its misreading.
        shared = fuzz.token_set_ratio(title_key(reference.title), title) / 100
        return CONTAINED if shared >= TITLE_ACCEPT else 0.0
    return CONTAINED


def _is_container(reference: Reference, work: Work) -> bool:
    return bool(
        reference.container_title
        and container_agreement(reference.container_title, work.title).is_positive
        and title_similarity(reference.title or "", work.title) < TITLE_CANDIDATE
    )


def _follows_in(raw: str, title: str) -> bool:
    """Whether "in" or "in proceedings of" stands right before the title: then it names the book, not the work."""
    before = raw.partition(title)[0].split()[-4:] if title in raw else []
    return bool(before) and (before[-1] == "in" or before[-3:] == ["in", "proceedings", "of"])


def is_proven(reference: Reference, work: Work, evidence: Evidence) -> bool:
    """Whether the evidence is enough to accept the record."""
    if evidence.veto or evidence.author is Agreement.CONFLICT:
        return False
    if _coordinates_agree(reference, evidence):
        return True
    if evidence.title < TITLE_ACCEPT or evidence.year is Agreement.CONFLICT:
        return False
    placed = evidence.container.is_positive or evidence.first_page.is_positive
    if is_generic(work.title):
        return placed and evidence.author.is_positive and evidence.year is Agreement.AGREE
    if evidence.author.is_positive and evidence.year.is_positive:
        return True
    telling = evidence.title >= TITLE_ALONE and len(title_key(work.title)) >= TITLE_ALONE_MIN
    if evidence.author.is_positive:  # no year is printed, or none is known
        return telling or placed
    return telling and placed and evidence.year is Agreement.AGREE  # no author on one side


def _coordinates_agree(reference: Reference, evidence: Evidence) -> bool:
    """Journal, volume, first page, author and year: what entries without titles print. They name one work."""
    return (
        (not reference.title or evidence.title >= CONFIRMS_PEOPLE_TITLE)
        and evidence.author.is_positive
        and evidence.year is Agreement.AGREE
        and evidence.volume is Agreement.AGREE
        and evidence.first_page is Agreement.AGREE
        and evidence.container is not Agreement.CONFLICT
    )


def _is_near(evidence: Evidence) -> bool:
    if evidence.veto:
        return False
    agreeing = [value.is_positive for value in (evidence.author, evidence.year)]
    if evidence.title >= TITLE_ACCEPT:
        return any(agreeing)
    return evidence.title >= TITLE_CANDIDATE and all(agreeing)


def _choose(reference: Reference, proven: Sequence[Scored]) -> Decision:
    distinct = _distinct(proven)
    top = max(one.score for one in distinct)
    close = [one for one in distinct if top - one.score < MARGIN]
    best, *rivals = sorted(close, key=lambda one: _preference(reference, one), reverse=True)
    rivals = [one for one in rivals if not _is_no_rival(reference, best.work, one.work)]
    if rivals:
        return Ambiguous((best, *rivals)[:MAX_CANDIDATES])
    return Accepted(best.work, best.score, best.evidence)


def _preference(reference: Reference, one: Scored) -> tuple[float, ...]:
    """Without a parsed title the longest title that stands in the text; then the score, the kind, the identifiers."""
    length = 0 if reference.title else len(title_key(one.work.title))
    return (length, one.score, _kind_fits(reference, one.work), _richness(one.work))


def _is_no_rival(reference: Reference, best: Work, other: Work) -> bool:
    if not reference.title and position_of(title_key(other.title), title_key(best.title)) is not None:
        return len(title_key(other.title)) < len(title_key(best.title))
    return _is_other_version(best, other)


def _distinct(scored: Sequence[Scored]) -> list[Scored]:
    """One record a work, the one with the most identifiers."""
    kept: list[Scored] = []
    for one in scored:
        twin = next((i for i, other in enumerate(kept) if same_work(one.work, other.work)), None)
        if twin is None:
            kept.append(one)
        elif _richness(one.work) > _richness(kept[twin].work) and one.score >= kept[twin].score - MARGIN:
            kept[twin] = one
    return kept


def _richness(work: Work) -> int:
    ids = (work.doi, work.arxiv_id, work.openalex_id, work.pmid)
    return sum(identifier is not None for identifier in ids) + bool(work.doi) + bool(work.locations)


def _kind_fits(reference: Reference, work: Work) -> int:
    """Among equals, the record of the printed kind; else the version of record before the preprint."""
    if reference.type is work.type:
        return 2
    return 0 if work.type is WorkType.ARTICLE else 1


def _is_other_version(one: Work, other: Work) -> bool:
    """Preprint and article of one text: choosing one of them is no mistake about the work."""
    is_preprint = (one.type is WorkType.ARTICLE, other.type is WorkType.ARTICLE)
    return is_preprint[0] != is_preprint[1] and squash(title_key(one.title)) == squash(title_key(other.title))


def confirms(reference: Reference, work: Work) -> bool:
    """Whether a record found by the entry's own identifier is the printed work, not what a misprint points to."""
    evidence = weigh(_without_ids(reference), work)
    if evidence.veto and evidence.title < 1.0:
        return False
    if not (reference.title or reference.authors or reference.editors):
        return _text_does_not_contradict(reference, work, evidence)
    if _is_container(reference, work):
        return False
    people = evidence.author.is_positive and evidence.year is not Agreement.CONFLICT
    title = max(evidence.title, _loose_title(reference, work))
    if title >= CONFIRMS_TITLE:
        if evidence.author is Agreement.CONFLICT and evidence.year is Agreement.CONFLICT:
            return title >= TITLE_ACCEPT and len(title_key(work.title)) >= CONTAINMENT_MIN
        return True
    if not people:
        return False
    placed = evidence.volume is Agreement.AGREE or evidence.first_page is Agreement.AGREE
    return not reference.title or title >= CONFIRMS_PEOPLE_TITLE or placed


def _without_ids(reference: Reference) -> Reference:
    return replace(reference, doi=None, arxiv_id=None)


def _loose_title(reference: Reference, work: Work) -> float:
    """Similarity that forgives word order, missing words and a badly cut title."""
    title = title_key(work.title)
    if not title or is_generic(work.title):
        return 0.0
    if reference.title and title_key(reference.title):
        return fuzz.token_set_ratio(title_key(reference.title), title) / 100 * 0.95
    return fuzz.partial_ratio(title, text_key(reference.raw)) / 100 * 0.9


def _text_does_not_contradict(reference: Reference, work: Work, evidence: Evidence) -> bool:
    """Where nothing was parsed: whether the text is little more than the identifier, or bears the record out."""
    words = [word for word in text_key(reference.raw).split() if word.isalpha() and len(word) > 3]
    if len(words) <= 5:
        return True
    if max(evidence.title, _loose_title(reference, work)) >= CONFIRMS_TITLE:
        return True
    return evidence.author.is_positive and bool(
        work.year is None or not printed_years(reference) or evidence.year.is_positive
    )
