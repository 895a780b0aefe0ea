"""Which of several records a printed entry is: accept what is proven, abstain from the rest. Pure.

Two things are asked of a record. Its score, a probability learnt from real records (`weights`), must pass a threshold;
and a rule must hold that a person would give as the reason: the title agrees (nearly equal, or one contains the other),
the first author or editor agrees, and the year is the same or the next. A name or a year that was misread is forgiven
where the place in print bears the record out. An entry that prints no title is compared by its text, or by journal,
volume, first page, author and year together. A record that agrees only in part is a candidate for a person; two equally
good ones are ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dl_lit.core.model import Reference, Work, WorkType
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import Agreement, position_of, same_surname, surnames
from dl_lit.matching.evidence import SEGMENT, TITLE_ACCEPT, TITLE_CANDIDATE, UNBOUNDED, Evidence, weigh
from dl_lit.matching.identity import Kin, relation_of, same_work
from dl_lit.matching.normalise import number_key, squash, text_key, title_key
from dl_lit.matching.numerals import value
from dl_lit.matching.placed import are_signed_alike, coordinates_agree
from dl_lit.matching.vetoes import GENERIC_TITLES, is_generic
from dl_lit.matching.wording import are_opposites

NEARER = 0.02  # by how much the likeness of one title must pass the other's to tell which is printed
SET_MAX = 12  # volumes of a set; higher numbers are a series'
ACCEPT = 0.5  # the least probability of what is accepted
REVIEW = 0.1  # the least of what a person is shown, if nothing else speaks for it
TITLE_ALONE = 0.97  # what a title must reach where the author or the year cannot be compared
TITLE_SIGNED_MIN = 20  # letters of a title, nearly as printed, that with the author proves a record without the year
TITLE_ALONE_MIN = 30  # characters of the normalised title, likewise
TITLE_LONG_MIN = 60  # letters of a title that another chapter of the same book does not nearly share
TITLE_UNSIGNED_MIN = 40  # characters of a normalised title that proves a record naming nobody, with the year
TITLE_MISREAD = 0.93  # what a title must reach where the first name or the year was misread
NAME_MISREAD = 0.6  # how alike a misread surname still is, where the place in print bears it out
NAME_MANGLED = 0.55  # the same where journal, volume and page all do
NAME_MISREAD_ALONE = 0.7  # the same where a long title and the year are all there is
MARGIN = 0.4  # log-odds by which the best record must be better than any other work
MAX_CANDIDATES = 5  # how many a person is shown

_PREPRINTS = re.compile(r"\b(?:arxiv|corr|[a-z]+rxiv|preprints?|ssrn|working papers?|discussion papers?|repec)\b")

_FIRST_VOLUME = re.compile(r"\b(?:volume|band|tome|tomo) 1\b")


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
        key=_order,
    )
    proven = [one for one in scored if is_proven(reference, one.work, one.evidence)]
    if proven:
        return _choose(reference, proven)
    near = _distinct([one for one in scored if _is_near(one)])
    if near:
        return Ambiguous(tuple(near[:MAX_CANDIDATES]))
    forbidden = [one for one in scored if one.evidence.veto and _is_proven_but_for_veto(reference, one)]
    return Vetoed(tuple(_distinct(forbidden)[:MAX_CANDIDATES])) if forbidden else NoMatch()


def _order(one: Scored) -> tuple[float, int, int, str, str]:
    """The likeliest first; among equals the fullest record, and never the one that happened to come first."""
    work = one.work
    return (-one.evidence.odds, -_richness(work), -_known(work), work.doi or "", f"{work.title} {work.year}")


def is_proven(reference: Reference, work: Work, evidence: Evidence) -> bool:
    """Whether the evidence is enough to accept the record."""
    if evidence.veto or (evidence.score < ACCEPT and not _is_exact(evidence)):
        return False
    if coordinates_agree(reference, work, evidence) or are_signed_alike(reference, work, evidence):
        return True
    if not evidence.prints_title or evidence.title < TITLE_ACCEPT or not _is_placed_alike(reference, work, evidence):
        return False
    if not (_name_agrees(evidence) and _year_agrees(evidence)) or _is_one_of_several(reference, work):
        return False
    if evidence.other_word and not _bears_out_other_word(evidence, *evidence.other_word):
        return False
    placed = evidence.container.is_positive or evidence.first_page.is_positive
    if is_generic(work.title):
        if title_key(work.title) not in GENERIC_TITLES and evidence.title == 1.0:
            placed = evidence.container is not Agreement.CONFLICT  # short, but printed letter by letter
        return placed and evidence.author.is_positive and evidence.year is Agreement.AGREE
    is_signed = evidence.author is not Agreement.UNKNOWN
    if is_signed and evidence.year is not Agreement.UNKNOWN:
        return True
    letters = evidence.title_letters
    if is_signed:  # no year is printed, or none is known
        return placed or (letters >= TITLE_SIGNED_MIN and evidence.title >= TITLE_MISREAD) or evidence.title == 1.0
    if evidence.year is not Agreement.AGREE:
        return False
    # Nobody is named on one side: the place must agree, or a record without people bear a long title to the letter.
    telling = evidence.title >= TITLE_ALONE and letters >= TITLE_ALONE_MIN
    return telling and (placed or (_is_unsigned(work) and evidence.title == 1.0 and not _any_conflict(evidence)))


def _is_exact(evidence: Evidence) -> bool:
    """Whether title and year are printed to the letter and nothing contradicts: enough where no more was read."""
    return (
        evidence.title >= SEGMENT
        and evidence.year is Agreement.AGREE
        and evidence.author is not Agreement.CONFLICT
        and not _any_conflict(evidence)
    )


def _is_one_of_several(reference: Reference, work: Work) -> bool:
    """Whether one of the two is a volume of a book, where the other is the whole set or does not say."""
    if reference.container_title or work.type is not WorkType.BOOK:
        return False
    title = title_key(work.title)
    if work.volume is None:
        number = value(number_key(reference.volume) or "")
        if number is not None and 0 < number <= SET_MAX and str(number) not in title.split():
            return True
    printed = set(title_key(f"{reference.title or ''} {reference.raw}").split())
    volume = _FIRST_VOLUME.search(title)
    known = volume is not None or number_key(work.volume) == "1"
    return known and not reference.volume and not printed & {"1", "one", "first", "erster", "erste", "premier", "primo"}


def _bears_out_other_word(evidence: Evidence, printed: str, known: str) -> bool:
    """Whether the place in print shows a word that is another to be a slip; opposites stand in one volume, too."""
    if evidence.first_page is Agreement.AGREE:
        return evidence.volume is Agreement.AGREE or evidence.container.is_positive
    is_same_volume = evidence.volume is Agreement.AGREE and evidence.container.is_positive
    return is_same_volume and evidence.first_page is Agreement.UNKNOWN and not are_opposites(printed, known)


def _is_placed_alike(reference: Reference, work: Work, evidence: Evidence) -> bool:
    """Whether the places in print may be one: another volume and page, or another journal next year, is not."""
    if evidence.first_page is Agreement.CONFLICT:
        if evidence.volume is Agreement.CONFLICT:
            return False
        is_short = evidence.title_letters < TITLE_LONG_MIN and evidence.title < TITLE_ALONE
        if evidence.volume is Agreement.UNKNOWN and evidence.container.is_positive and is_short:
            return False  # a neighbour in the same book: "… of the western coast", "… of the eastern coast"
    is_on_page = evidence.volume is evidence.first_page is Agreement.AGREE
    moved = evidence.container is Agreement.CONFLICT and evidence.year is not Agreement.AGREE and not is_on_page
    return not moved or _is_preprint(reference, work)


def _is_preprint(reference: Reference, work: Work) -> bool:
    """Whether one of the two is a preprint: then journal and year may differ for one text."""
    containers = text_key(f"{reference.container_title or ''} {work.container_title or ''}")
    return (
        WorkType.ARTICLE in {reference.type, work.type}
        or reference.arxiv_id is not None
        or _PREPRINTS.search(containers) is not None
    )


def _name_agrees(evidence: Evidence) -> bool:
    """Whether the first names are one, or one is the other misread and the rest leaves no doubt."""
    if evidence.author is not Agreement.CONFLICT:
        return True
    if evidence.title < TITLE_ACCEPT or evidence.year is Agreement.CONFLICT or _any_conflict(evidence):
        return False
    placed = evidence.volume is Agreement.AGREE or evidence.container.is_positive
    if evidence.first_page is Agreement.AGREE and placed:
        is_all = evidence.volume is Agreement.AGREE and evidence.container is Agreement.AGREE
        return evidence.author_likeness >= (NAME_MANGLED if is_all else NAME_MISREAD)
    if evidence.title < TITLE_MISREAD or evidence.year is not Agreement.AGREE:
        return False
    backing = (evidence.container, evidence.volume, evidence.first_page)
    if any(field.is_positive for field in backing):
        return evidence.author_likeness >= NAME_MISREAD
    return evidence.author_likeness >= NAME_MISREAD_ALONE and evidence.title_letters >= TITLE_ALONE_MIN


def _year_agrees(evidence: Evidence) -> bool:
    """Whether the years are one or next to each other, or one was misread and the place in print is the same."""
    if evidence.year is not Agreement.CONFLICT:
        return True
    return (
        evidence.title >= TITLE_MISREAD
        and evidence.author.is_positive
        and evidence.first_page is Agreement.AGREE
        and (evidence.volume is Agreement.AGREE or evidence.container.is_positive)
        and not _any_conflict(evidence)
    )


def _any_conflict(evidence: Evidence) -> bool:
    """Whether any part of the place in print is another."""
    return Agreement.CONFLICT in {evidence.container, evidence.volume, evidence.first_page}


def _is_unsigned(work: Work) -> bool:
    return not work.authors and not work.editors and len(title_key(work.title)) >= TITLE_UNSIGNED_MIN


def _is_proven_but_for_veto(reference: Reference, one: Scored) -> bool:
    evidence = replace(one.evidence, veto=None)
    if is_proven(reference, one.work, evidence):
        return True
    # A notice has more in its title than is printed.
    return evidence.title >= UNBOUNDED and evidence.author.is_positive and evidence.year.is_positive


def _is_near(one: Scored) -> bool:
    evidence = one.evidence
    if evidence.veto:
        return False
    agreeing = [value.is_positive for value in (evidence.author, evidence.year)]
    if not evidence.prints_title and all(agreeing) and evidence.container.is_positive:
        return Agreement.CONFLICT not in {evidence.volume, evidence.first_page}
    if evidence.title >= TITLE_ACCEPT:
        return any(agreeing) or one.score >= REVIEW
    return evidence.title >= TITLE_CANDIDATE and all(agreeing)


def _choose(reference: Reference, proven: Sequence[Scored]) -> Decision:
    distinct = _distinct(proven)
    top = max(one.evidence.odds for one in distinct)
    close = [one for one in distinct if top - one.evidence.odds < MARGIN]
    best, *rivals = sorted(close, key=lambda one: _preference(reference, one), reverse=True)
    rivals = [one for one in rivals if not _is_no_rival(reference, best, one)]
    if rivals:
        return Ambiguous((best, *rivals)[:MAX_CANDIDATES])
    return Accepted(best.work, best.score, best.evidence)


def _preference(reference: Reference, one: Scored) -> tuple[float, ...]:
    """Without a parsed title the longest title that stands in the text; then the printed one, the score, the kind."""
    length = 0 if reference.title else len(title_key(one.work.title))
    nearness = one.evidence.title if one.evidence.title >= SEGMENT else 0.0
    return (
        length,
        nearness,
        round(one.evidence.odds, 3),
        _kind_fits(reference, one.work),
        _richness(one.work),
        _known(one.work),
    )


def _is_no_rival(reference: Reference, best: Scored, other: Scored) -> bool:
    mine, yours = best.work, other.work
    if not reference.title and position_of(title_key(yours.title), title_key(mine.title)) is not None:
        return len(title_key(yours.title)) < len(title_key(mine.title))
    return _is_nearer_title(best, other) or _is_other_version(mine, yours) or _is_described_less(mine, yours)


def _is_nearer_title(best: Scored, other: Scored) -> bool:
    """Whether one title is the printed one and the other has a subtitle more, while all else speaks for both alike."""
    one, two = best.evidence, other.evidence
    same = (one.author, one.year, one.container, one.volume, one.first_page) == (
        two.author, two.year, two.container, two.volume, two.first_page
    )  # fmt: skip
    return same and one.title >= SEGMENT and one.title - two.title >= NEARER


def _distinct(scored: Sequence[Scored]) -> list[Scored]:
    """One record a work, the one with the most identifiers."""
    kept: list[Scored] = []
    for one in scored:
        twin = next((i for i, other in enumerate(kept) if same_work(one.work, other.work)), None)
        if twin is None:
            kept.append(one)
        elif (
            _richness(one.work) > _richness(kept[twin].work) and one.evidence.odds >= kept[twin].evidence.odds - MARGIN
        ):
            kept[twin] = one
    return kept


def _richness(work: Work) -> int:
    ids = (work.doi, work.arxiv_id, work.openalex_id, work.pmid)
    return sum(identifier is not None for identifier in ids) + bool(work.doi) + bool(work.locations)


def _known(work: Work) -> int:
    """How many fields the record has of those that tell works apart."""
    return sum(field is not None for field in (work.year, work.container_title, work.volume, work.pages))


def _kind_fits(reference: Reference, work: Work) -> int:
    """Among equals, the record of the printed kind; else the version of record before the preprint."""
    if reference.type is work.type:
        return 2
    return 0 if work.type is WorkType.ARTICLE else 1


def _is_described_less(best: Work, other: Work) -> bool:
    """Whether two records have one title and first author and differ in nothing but what one of them lacks."""
    if squash(title_key(best.title)) != squash(title_key(other.title)) or (best.doi and other.doi):
        return False
    if best.year is not None and other.year is not None and best.year != other.year:
        return False
    people = surnames([*best.authors[:1], *best.editors[:1]]), surnames([*other.authors[:1], *other.editors[:1]])
    return all(people) and same_surname(people[0][0], people[1][0])


def _is_other_version(one: Work, other: Work) -> bool:
    """Two versions of one text: choosing one of them is no mistake about the work."""
    related = relation_of(one, other)
    return related is not None and related.kind is not Kin.TRANSLATION
