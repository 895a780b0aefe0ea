"""The judgement: what was found on the first pages, put together to a verdict with its evidence. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz

from dl_lit.core.model import Version, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.matching.compare import Agreement, title_similarity
from dl_lit.matching.normalise import squash, text_key, title_key
from dl_lit.matching.proof.extent import length_signs
from dl_lit.matching.proof.front import Front, front_of, letters_of
from dl_lit.matching.proof.named import Named, named_in, names_on_cover
from dl_lit.matching.proof.people import People, people_on
from dl_lit.matching.proof.printed_in import PrintedIn, printed_in
from dl_lit.matching.proof.signs import Sign, signs
from dl_lit.matching.proof.titles import Stand, best_stand
from dl_lit.matching.proof.versions import version_of
from dl_lit.matching.proof.weighing import REFUSED, VERIFIED, WEIGHTS, score_of
from dl_lit.matching.vetoes import has_siblings, is_generic
from dl_lit.matching.wording import another_word

NEARLY: Final = 0.92  # likeness from which a printed title is the work's
EXACT: Final = 0.985
OTHER: Final = 0.62  # likeness below which a printed title is another one
FEW_WORDS: Final = 15  # on all the first pages: fewer, and there is nothing to judge by
_TELLING_LETTERS: Final = 30  # of a title that names one work
_LONG_LETTERS: Final = 30  # of one that stands alone where the record has no people
_SUPPORTS: Final = 2  # of journal, volume, page and year, that stand for people where the record has none
_COVER_LIKE: Final = 92.0  # of 100
_TITLE_WORDS: Final = 3  # of a printed title that can be held against a file
_BARE_COVER_WORDS: Final = 350
_EVIDENCE: Final = 8  # finds told
# Registrants of preprints and deposits: a file that bears one of their DOIs beside the work's title and people is a
# version of it. https://www.crossref.org/members/ and https://datacite.org/ (read 2026-11-23).
_DEPOSITS = re.compile(
    r"10\.(?:48550|1101|64898|31234|31219|31235|31222|31223|21203|2139|26434|20944|22541|36227|5281|6084|13140|17605|"
    r"14293|33774|51094|3929|5167|17863|7916|17877|25384|3386)/"
)


@dataclass(slots=True)
class _Case:
    """All that was found about one file."""

    work: Work
    facts: PdfFacts
    front: Front
    stand: Stand | None
    named: Named
    people: People
    imprint: PrintedIn
    signs: list[Sign]
    cover: bool | None  # whether the cover sheets name the work; None where there are none
    other_title: str | None  # another title than the work's that the file bears
    weights: dict[str, float] = field(default_factory=dict)
    evidence: list[tuple[float, str]] = field(default_factory=list)

    def note(self, name: str, told: str, value: float = 1.0) -> None:
        """Keep a find, which holds as far as `value` says; the weightier come first when they are told."""
        self.weights[name] = value
        self.evidence.append((abs(WEIGHTS[name] * value), told))

    @property
    def is_titled(self) -> bool:
        """Whether the work's title is the file's."""
        enough = NEARLY if not self.cover else 0.85
        stand = self.stand
        return stand is not None and stand.is_heading and stand.conflict is None and stand.likeness >= enough

    @property
    def supports(self) -> int:
        """How many of journal, volume, first page and year agree."""
        imprint = self.imprint
        return [imprint.container, imprint.volume, imprint.page, imprint.year].count(Agreement.AGREE)


def judged(work: Work, facts: PdfFacts) -> Proof:
    """The judgement of the file that `facts` describe as `work`."""
    if facts.is_blank:
        return Proof(
            verdict=Verdict.REFUSED, score=0.0, reason=Reason.NO_TEXT_LAYER, evidence=("its first pages are blank",)
        )
    front = front_of(facts)
    if front.covers and not front.leaves:
        return _bare_cover(front)
    if facts.is_scan or facts.is_garbled or front.words < FEW_WORDS:
        return _unreadable(work, facts, front)
    case = _case(work, facts, front)
    _weigh(case)
    return _decided(case)


def _case(work: Work, facts: PdfFacts, front: Front) -> _Case:
    titles = _titles(work)
    stand = best_stand(front, titles)
    named = named_in(front, facts, work)
    return _Case(
        work=work,
        facts=facts,
        front=front,
        stand=stand,
        named=named,
        people=people_on(front, facts, work),
        imprint=printed_in(front, facts, work),
        signs=[*signs(front, facts, work, stand), *length_signs(front, facts.page_count, work)],
        cover=_is_named_on_cover(front, work, titles),
        other_title=_other_title(facts, stand, titles, work),
    )


def _titles(work: Work) -> list[str]:
    """The work's title and the other titles it goes by."""
    titles = [work.title, *(alias.title for alias in work.aliases)]
    return [title for title in dict.fromkeys(titles) if squash(text_key(title))]


def _is_named_on_cover(front: Front, work: Work, titles: list[str]) -> bool | None:
    if not front.covers:
        return None
    if names_on_cover(front, work):
        return True
    letters = "".join(letters_of(line) for line in front.cover_text.splitlines())
    wanted = [squash(text_key(title)) for title in titles]
    if any(len(one) <= len(letters) and fuzz.partial_ratio(one, letters) >= _COVER_LIKE for one in wanted):
        return True
    return False if len(letters) > _TELLING_LETTERS else None


def _other_title(facts: PdfFacts, stand: Stand | None, titles: list[str], work: Work) -> str | None:
    """The title that the file bears where it is none of the work's."""
    if stand is not None and stand.is_heading and stand.conflict is None:
        return None
    title = facts.title
    if title is None or len(title.split()) < _TITLE_WORDS:
        return None
    container = work.container_title
    if container and (title_similarity(title, container) > OTHER or text_key(title) in text_key(container)):
        return None  # the journal's name in large type
    likeness = max((title_similarity(title, one) for one in titles), default=0.0)
    if likeness >= NEARLY and not any(_differs(title, one) for one in titles):
        return None
    return title


def _differs(one: str, other: str) -> bool:
    return another_word(title_key(one), title_key(other)) is not None


def _weigh(case: _Case) -> None:
    """Note all finds."""
    _weigh_title(case)
    _weigh_identifiers(case)
    _weigh_people(case)
    imprint = case.imprint
    for name, agreement in (("container", imprint.container), ("volume", imprint.volume), ("page", imprint.page)):
        if agreement is Agreement.AGREE:
            case.weights[name] = 1.0
    if imprint.year.is_positive:
        case.weights["year"] = 1.0 if imprint.year is Agreement.AGREE else 0.3
    if imprint.told:
        case.evidence.append((0.4, f"{', '.join(imprint.told)} printed"))
    if imprint.volume is Agreement.CONFLICT:
        case.note("volume-other", "another volume is printed")
    if imprint.year is Agreement.CONFLICT:
        printed = case.facts.year or "another year"
        case.note("year-other", f"the file is of {printed}, the work of {case.work.year}")
    if case.cover is not None:
        covers = "/".join(dict.fromkeys(page.cover or "" for page in case.front.covers))
        told = "names the work" if case.cover else "names another work"
        case.note("cover" if case.cover else "cover-other", f"the cover sheet ({covers}) {told}")


def _weigh_title(case: _Case) -> None:
    stand = case.stand
    if stand is not None:
        telling = _telling(stand.title)
        where = f"on page {stand.leaf.page.number}"
        if stand.conflict is not None:
            case.note("title-other", f"{stand.conflict} {where}")
        elif stand.is_heading:
            case.note(_title_find(stand), f"title {stand.likeness:.2f} {where}", telling)
        else:
            case.note("title-mentioned", f"title mentioned {where}", telling)
    stated = case.facts.stated_title
    if stated and max(title_similarity(stated, title) for title in _titles(case.work) or [""]) >= NEARLY:
        case.note("title-stated", "title in the metadata")
    if case.other_title is not None:
        case.note("title-other", f"its title is “{case.other_title[:80]}”")


def _title_find(stand: Stand) -> str:
    if stand.likeness >= EXACT:
        return "title"
    return "title-nearly" if stand.likeness >= NEARLY else "title-roughly"


def _telling(title: str) -> float:
    """How much a title says, 0 to 1: a short or common one little."""
    letters = len(squash(text_key(title)))
    return 0.15 if is_generic(title) else min(1.0, max(0.3, letters / _TELLING_LETTERS))


def _weigh_identifiers(case: _Case) -> None:
    named = case.named
    if named.is_ours:
        case.note("doi", f"DOI on page {named.ours_on_page}")
    elif named.is_mentioned:
        case.note("doi-mentioned", "DOI mentioned, not as its own")
    if named.is_stated:
        case.note("doi-stated", "DOI in the metadata")
    if not named.is_ours and not named.is_stated and (other := _other_doi(case)):
        is_version = case.is_titled and case.people.agreement.is_positive
        case.note("doi-other-version" if is_version else "doi-other", f"it bears another DOI, {other}")
    if named.is_arxiv_ours:
        case.note("arxiv", "arXiv identifier")
    elif named.other_arxiv:
        case.note("arxiv-other", f"it bears another arXiv identifier, {named.other_arxiv}")
    if named.is_isbn_ours:
        case.note("isbn", "ISBN")
    elif named.other_isbns:
        case.note("isbn-other", "another ISBN is printed")


def _other_doi(case: _Case) -> str | None:
    """A DOI that the file bears as its own and that is not the work's; None where the work has none to compare."""
    if case.work.doi is None:
        return None
    return next(iter(case.named.others), case.named.stated_other)


def _weigh_people(case: _Case) -> None:
    people = case.people
    if not people.sought and _stands_alone(case):
        case.note("title-alone", "the record names no people")
    if people.agreement is Agreement.AGREE:
        case.note("people", people.told, min(1.5, 0.85 + 0.15 * people.found))
    elif people.agreement is Agreement.CLOSE:
        case.note("people-some", people.told, 0.6)
    elif people.agreement is Agreement.CONFLICT:
        names = ", ".join(name.sort_key for name in case.facts.authors[:3])
        case.note("people-other", f"other people are named: {names}")


def _decided(case: _Case) -> Proof:
    score = score_of(case.weights)
    sure = next((sign for sign in case.signs if sign.is_sure), None)
    if sure is not None:
        return _proof(case, Verdict.REFUSED, min(score, 0.5), reason=sure.reason, told=[sure.told])
    contradiction = _contradiction(case)
    if contradiction is not None and not case.named.is_ours and not _may_be_retitled(case):
        return _proof(case, Verdict.REFUSED, min(score, REFUSED), reason=Reason.WRONG_WORK, told=[contradiction])
    doubts = [sign.told for sign in case.signs]
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
    case: _Case, verdict: Verdict, score: float, *, reason: Reason | None = None, told: list[str] | None = None
) -> Proof:
    finds = [text for _, text in sorted(case.evidence, key=lambda find: -find[0])]
    evidence = tuple(dict.fromkeys([*(told or []), *finds]))[:_EVIDENCE]
    version = version_of(case.front, case.facts, case.named, case.imprint)
    if version is None and verdict is Verdict.VERIFIED and (other := _other_doi(case)) and _DEPOSITS.match(other):
        version = Version.SUBMITTED
    return Proof(verdict=verdict, score=round(score, 3), evidence=evidence, reason=reason, version=version)


def _contradiction(case: _Case) -> str | None:
    """What cannot be where the file is the work."""
    if case.stand is not None and case.stand.is_heading and case.stand.conflict:
        return case.stand.conflict
    if case.people.agreement is Agreement.CONFLICT:
        return "other people are named"
    if case.other_title is not None and not case.is_titled:
        return f"its title is “{case.other_title[:80]}”"
    return None


def _may_be_retitled(case: _Case) -> bool:
    """Whether the people are the work's and the title is like it: a preprint's earlier title, or one misread."""
    if case.people.agreement is not Agreement.AGREE or case.weights.keys() & {"doi-other", "arxiv-other"}:
        return False
    if case.stand is not None and case.stand.is_heading and case.stand.conflict:
        return False
    title = case.other_title or ""
    return max((title_similarity(title, one) for one in _titles(case.work)), default=0.0) >= OTHER or (
        case.named.is_stated or case.named.is_arxiv_ours or _may_be_title(case)
    )


def _may_be_title(case: _Case) -> bool:
    """Whether the work's title fills rows of the opening page, where something else was taken for the file's title."""
    stand = case.stand
    return stand is not None and stand.is_apart and stand.conflict is None and stand.leaf is case.front.opening


def _doubts(case: _Case) -> list[str]:
    """What leaves the decision to a person."""
    doubts: list[str] = []
    other = _other_doi(case) if not case.named.is_ours and not case.named.is_stated else None
    if other is not None and not _DEPOSITS.match(other) and case.imprint.container is not Agreement.AGREE:
        doubts.append(f"it bears another DOI, {other}")
    if other is not None and not _DEPOSITS.match(other) and case.imprint.year is Agreement.CONFLICT:
        doubts.append("of another year under another DOI")
    if case.cover is False:
        doubts.append("its cover sheet names another work")
    return doubts


def _is_anchored(case: _Case) -> bool:
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
    return case.supports >= _SUPPORTS or _stands_alone(case)


def _stands_alone(case: _Case) -> bool:
    """Whether the title says enough for a work whose record has no people: long, to the letter, in large type."""
    stand = case.stand
    if stand is None or not case.is_titled or not stand.is_larger or has_siblings(stand.title):
        return False
    return stand.likeness >= EXACT and len(squash(text_key(stand.title))) >= _LONG_LETTERS


def _is_in_other_script(case: _Case) -> bool:
    """Whether title and pages are in different scripts, so that neither can be found in the other."""
    return _is_latin(case.work.title) != _is_latin(case.front.text[:2_000])


def _is_latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(1 for character in letters if ord(character) < 0x250) * 2 >= len(letters)


def _bare_cover(front: Front) -> Proof:
    words = sum(page.words for page in front.covers)
    verdict = Verdict.REFUSED if words < _BARE_COVER_WORDS else Verdict.NEEDS_REVIEW
    told = ("a cover sheet and nothing behind it",)
    return Proof(verdict=verdict, score=0.0, evidence=told, reason=Reason.PREVIEW_ONLY)


def _unreadable(work: Work, facts: PdfFacts, front: Front) -> Proof:
    """A scan: it may be anything; what its cover sheet and its metadata say is told, and believed where it says no."""
    what = "garbled text" if facts.is_garbled else "no text to read"
    named = named_in(front, facts, work)
    cover = _is_named_on_cover(front, work, _titles(work))
    covered = f"the cover sheet ({front.covers[0].cover})" if front.covers else ""
    if cover is False:
        against = (f"{covered} names another work", what)
        return Proof(verdict=Verdict.REFUSED, score=0.0, evidence=against, reason=Reason.WRONG_WORK)
    stated = "DOI in the metadata" if named.is_stated else None
    if named.stated_other is not None and work.doi is not None:
        against = (f"the metadata have another DOI, {named.stated_other}", what)
        return Proof(verdict=Verdict.NEEDS_REVIEW, score=0.0, evidence=against, reason=Reason.NO_TEXT_LAYER)
    told = tuple(text for text in (f"{covered} names the work" if cover else None, stated, what) if text)
    score = 0.5 if cover or stated else 0.0
    return Proof(verdict=Verdict.UNVERIFIED, score=score, evidence=told, reason=Reason.NO_TEXT_LAYER)
