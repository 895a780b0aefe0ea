"""Which of several records a printed entry is: accept what is proven, abstain from the rest. Pure.

The rule: the title agrees (nearly equal, or one contains the other), the first author or editor agrees, and the year is
the same or the next. An entry that prints no title is compared by its text, or by journal, volume, first page, author
and year together. A record that agrees only in part is a candidate for a person; two equally good ones are ambiguous.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dl_lit.core.model import Reference, Work, WorkType
from dl_lit.matching.compare import Agreement, position_of
from dl_lit.matching.evidence import TITLE_ACCEPT, TITLE_CANDIDATE, Evidence, weigh
from dl_lit.matching.identity import same_work
from dl_lit.matching.normalise import squash, title_key
from dl_lit.matching.vetoes import GENERIC_TITLES, is_generic

TITLE_ALONE = 0.97  # what a title must reach where the author or the year cannot be compared
TITLE_ALONE_MIN = 30  # characters of the normalised title, likewise
TITLE_UNSIGNED_MIN = 40  # characters of a normalised title that proves a record naming nobody, with the year
MARGIN = 0.015  # the best record must be this much better than any other work
MAX_CANDIDATES = 5  # how many a person is shown
COORDINATES_TITLE = 0.75  # with journal, volume, page, author and year equal, a printed title may be this unlike


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
class Vetoed:
    """The only records that fit are ones that cannot be the entry: a notice about it, another part. The best first."""

    candidates: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """None of the records is the entry."""


Decision = Accepted | Ambiguous | Vetoed | NoMatch


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
    if near:
        return Ambiguous(tuple(near[:MAX_CANDIDATES]))
    forbidden = [one for one in scored if one.evidence.veto and _is_proven_but_for_veto(reference, one)]
    return Vetoed(tuple(_distinct(forbidden)[:MAX_CANDIDATES])) if forbidden else NoMatch()


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
        if title_key(work.title) not in GENERIC_TITLES and evidence.title == 1.0:
            placed = evidence.container is not Agreement.CONFLICT  # short, but printed letter by letter
        return placed and evidence.author.is_positive and evidence.year is Agreement.AGREE
    if evidence.author.is_positive and evidence.year.is_positive:
        return True
    telling = evidence.title >= TITLE_ALONE and len(title_key(work.title)) >= TITLE_ALONE_MIN
    if evidence.author.is_positive:  # no year is printed, or none is known
        return telling or placed
    if evidence.year is not Agreement.AGREE:
        return False
    # Nobody is named on one side: the place must agree, or a record without people bear a long title to the letter.
    return telling and (placed or (_is_unsigned(work) and evidence.title == 1.0 and _no_conflict(evidence)))


def _is_unsigned(work: Work) -> bool:
    return not work.authors and not work.editors and len(title_key(work.title)) >= TITLE_UNSIGNED_MIN


def _no_conflict(evidence: Evidence) -> bool:
    return Agreement.CONFLICT not in {evidence.container, evidence.volume, evidence.first_page}


def _is_proven_but_for_veto(reference: Reference, one: Scored) -> bool:
    return is_proven(reference, one.work, replace(one.evidence, veto=None))


def _coordinates_agree(reference: Reference, evidence: Evidence) -> bool:
    """Journal, volume, first page, author and year: what entries without titles print. They name one work."""
    return (
        (not reference.title or evidence.title >= COORDINATES_TITLE)
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
