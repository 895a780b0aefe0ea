"""From the finds to the verdict: what is sure, what contradicts, and what only a person can tell. Pure."""

from __future__ import annotations

import re
from typing import Final

from dl_lit.core.model import Version, WorkType
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.matching.compare import Agreement, title_similarity
from dl_lit.matching.proof.case import OTHER, Case, other_doi, titles_of
from dl_lit.matching.proof.heads import unknown_head
from dl_lit.matching.proof.versions import version_of
from dl_lit.matching.proof.weighing import REFUSED, VERIFIED, score_of
from dl_lit.matching.vetoes import has_siblings, is_generic

_SUPPORTS: Final = 2  # of journal, volume, page and year, that stand for people where the record has none
_FEWEST_OF_BOOK: Final = 40  # pages; UNESCO counts 49 as a book, covers left out
_EVIDENCE: Final = 8  # finds told
# Registrants of preprints and deposits: a file that bears one of their DOIs beside the work's title and people is a
# version of it. https://www.crossref.org/members/ and https://datacite.org/ (read 2026-11-23).
_DEPOSITS = re.compile(
    r"10\.(?:48550|1101|64898|31234|31219|31235|31222|31223|21203|2139|26434|20944|22541|36227|5281|6084|13140|17605|"
    r"14293|33774|51094|3929|5167|17863|7916|17877|25384|3386)/"
)


def decided(case: Case) -> Proof:
    """The verdict on a file whose finds were weighed."""
    score = score_of(case.weights)
    contradiction = _contradiction(case)
    sure = next((sign for sign in case.signs if sign.is_sure), None)
    if sure is not None:
        is_another = sure.reason is Reason.PREVIEW_ONLY and contradiction is not None and _is_surely_another(case)
        reason, told = (Reason.WRONG_WORK, contradiction) if is_another else (sure.reason, None)
        return _proof(case, Verdict.REFUSED, min(score, 0.5), reason=reason, told=[*filter(None, [told]), sure.told])
    if contradiction is not None and not case.named.is_ours and not _may_be_retitled(case):
        return _proof(case, Verdict.REFUSED, min(score, REFUSED), reason=Reason.WRONG_WORK, told=[contradiction])
    is_strong = case.named.is_ours or case.named.is_arxiv_ours or _is_where_it_appeared(case)
    doubts = [sign.told for sign in case.signs if not (sign.is_weak and is_strong)]
    doubts += [contradiction] if contradiction else []
    doubts += _doubts(case)
    if not doubts and score >= VERIFIED and _is_anchored(case):
        return _proof(case, Verdict.VERIFIED, score)
    if score <= REFUSED and not doubts and case.weights.keys() & {"title-other", "people-other", "doi-other"}:
        return _proof(case, Verdict.REFUSED, score, reason=Reason.WRONG_WORK)
    if not case.weights.keys() & _FOR and score <= REFUSED and not _is_in_other_script(case):
        return _proof(case, Verdict.REFUSED, score, reason=Reason.WRONG_WORK, told=["nothing on it names the work"])
    return _proof(case, Verdict.NEEDS_REVIEW, min(score, VERIFIED), told=doubts)


_FOR: Final = frozenset(
    {"title", "title-nearly", "title-roughly", "title-mentioned", "title-stated", "doi", "doi-stated", "doi-mentioned",
     "arxiv", "isbn", "people", "people-some", "cover"}
)  # fmt: skip
"""Finds that speak for the work itself, journal and year left out: they are those of its neighbours, too."""


def _proof(
    case: Case, verdict: Verdict, score: float, *, reason: Reason | None = None, told: list[str] | None = None
) -> Proof:
    finds = [text for _, text in sorted(case.evidence, key=lambda find: -find[0])]
    evidence = tuple(dict.fromkeys([*(told or []), *finds]))[:_EVIDENCE]
    version = version_of(case.front, case.facts, case.named, case.imprint)
    if version is None and verdict is Verdict.VERIFIED and (other := other_doi(case)) and _DEPOSITS.match(other):
        version = Version.SUBMITTED
    return Proof(verdict=verdict, score=round(score, 3), evidence=evidence, reason=reason, version=version)


def _contradiction(case: Case) -> str | None:
    """What cannot be where the file is the work."""
    if case.stand is not None and case.stand.is_heading and case.stand.conflict:
        return case.stand.conflict
    if case.people.agreement is Agreement.CONFLICT:
        return "other people are named"
    if case.other_title is not None and not case.is_titled:
        return f"its title is “{case.other_title[:80]}”"
    return None


def _may_be_retitled(case: Case) -> bool:
    """Whether the people are the work's and the title is like it: a preprint's earlier title, or one misread."""
    if case.people.agreement is not Agreement.AGREE or case.weights.keys() & {"doi-other", "arxiv-other"}:
        return False
    if case.stand is not None and case.stand.is_heading and case.stand.conflict:
        return False
    if case.work.type is WorkType.BOOK and case.facts.page_count < _FEWEST_OF_BOOK:
        return False  # a chapter by the book's author
    title = case.other_title or ""
    return max((title_similarity(title, one) for one in titles_of(case.work)), default=0.0) >= OTHER or (
        case.named.is_stated
        or case.named.is_arxiv_ours
        or _may_be_title(case)
        or (not case.people.others and _is_where_it_appeared(case))
    )


def _is_surely_another(case: Case) -> bool:
    """Whether other people are named, or another title with another DOI."""
    is_retitled = case.other_title is not None and "doi-other" in case.weights
    return case.people.agreement is Agreement.CONFLICT or is_retitled


def _is_where_it_appeared(case: Case) -> bool:
    """Whether journal and one of volume, page and year are the work's."""
    return case.imprint.container is Agreement.AGREE and case.supports >= _SUPPORTS


def _may_be_title(case: Case) -> bool:
    """Whether the work's title fills rows of the opening page, where something else was taken for the file's title."""
    stand = case.stand
    return stand is not None and stand.is_apart and stand.conflict is None and stand.leaf is case.front.opening


def _doubts(case: Case) -> list[str]:
    """What leaves the decision to a person."""
    doubts: list[str] = []
    other = other_doi(case) if not case.named.is_ours and not case.named.is_stated else None
    if other is not None and not _DEPOSITS.match(other) and case.imprint.container is not Agreement.AGREE:
        doubts.append(f"it bears another DOI, {other}")
    if other is not None and not _DEPOSITS.match(other) and case.imprint.year is Agreement.CONFLICT:
        doubts.append("of another year under another DOI")
    if case.cover is False:
        doubts.append("its cover sheet names another work")
    if not _shows_whose_it_is(case) and case.stand is not None and case.is_titled:
        head = unknown_head(case.front, case.work, case.stand)
        doubts += [f"“{head[:60]}” stands above its title"] if head else []
    return doubts


def _shows_whose_it_is(case: Case) -> bool:
    """Whether more than title and people tells what the file is: an identifier of its own, or where it appeared."""
    named = case.named
    bears_own = case.work.doi is None and bool(
        named.others
    )  # nothing to compare it with, but papers about it have none
    return named.is_ours or named.is_arxiv_ours or named.is_isbn_ours or bears_own or _is_where_it_appeared(case)


def _is_anchored(case: Case) -> bool:
    """Whether the file says in two ways of its own that it is the work."""
    named, people = case.named, case.people.agreement
    is_by_identifier = named.is_ours or named.is_arxiv_ours
    if is_by_identifier and (case.is_titled or people.is_positive):
        return True
    if not case.is_titled or case.stand is None:
        return False
    if is_generic(case.stand.title):
        return people.is_positive and case.supports > _SUPPORTS
    if people.is_positive or named.is_stated or named.is_isbn_ours:
        return True
    has_people = bool(case.work.authors or case.work.editors)
    if has_people and case.people.others:
        return False
    if has_people or has_siblings(case.stand.title):
        return case.supports >= _SUPPORTS
    return case.supports >= _SUPPORTS or case.stands_alone


def _is_in_other_script(case: Case) -> bool:
    """Whether title and pages are in different scripts, so that neither can be found in the other."""
    return _is_latin(case.work.title) != _is_latin(case.front.text[:2_000])


def _is_latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(1 for character in letters if ord(character) < 0x250) * 2 >= len(letters)
