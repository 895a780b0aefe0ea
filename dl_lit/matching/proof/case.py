"""All that is found about one file, gathered before it is judged. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz

from dl_lit.core.model import Work
from dl_lit.core.ports import PdfFacts
from dl_lit.matching.compare import Agreement, title_similarity
from dl_lit.matching.normalise import squash, text_key, title_key
from dl_lit.matching.numerals import respelt
from dl_lit.matching.proof.extent import length_signs
from dl_lit.matching.proof.front import Front, letters_of
from dl_lit.matching.proof.heads import head_signs, slide_signs
from dl_lit.matching.proof.named import Named, named_in, names_on_cover
from dl_lit.matching.proof.passing import passing_signs
from dl_lit.matching.proof.people import People, people_on
from dl_lit.matching.proof.printed_in import PrintedIn, printed_in
from dl_lit.matching.proof.signs import Sign, signs
from dl_lit.matching.proof.titles import Stand, best_stand, differs
from dl_lit.matching.proof.weighing import WEIGHTS
from dl_lit.matching.vetoes import has_siblings

NEARLY: Final = 0.92  # likeness from which a printed title is the work's
NEARLY_COVERED: Final = 0.85  # likewise behind a cover sheet that names the work: scans are misread
EXACT: Final = 0.985
OTHER: Final = 0.62  # likeness below which a printed title is another one
TELLING_LETTERS: Final = 30  # of a title that names one work
_LONG_LETTERS: Final = 30  # of one that stands alone where the record has no people
_COVER_LIKE: Final = 92.0  # of 100
_TITLE_WORDS: Final = 3  # of a printed title that can be held against a file


@dataclass(slots=True)
class Case:
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
        enough = NEARLY_COVERED if self.cover else NEARLY
        stand = self.stand
        return stand is not None and stand.is_heading and stand.conflict is None and stand.likeness >= enough

    @property
    def supports(self) -> int:
        """How many of journal, volume, first page and year agree."""
        imprint = self.imprint
        return [imprint.container, imprint.volume, imprint.page, imprint.year].count(Agreement.AGREE)

    @property
    def stands_alone(self) -> bool:
        """Whether the title says enough for a work whose record has no people: long, to the letter, in large type."""
        stand = self.stand
        if stand is None or not self.is_titled or not stand.is_larger or has_siblings(stand.title):
            return False
        return stand.likeness >= EXACT and len(squash(text_key(stand.title))) >= _LONG_LETTERS


def case_of(work: Work, facts: PdfFacts, front: Front) -> Case:
    """Compare the file that `facts` describe, whose first pages are `front`, with `work`."""
    titles = titles_of(work)
    names = [person.sort_key for person in (*facts.authors, *work.authors, *work.editors)]
    stand = best_stand(front, titles, names)
    named = named_in(front, facts, work)
    cover = is_named_on_cover(front, work, titles)
    imprint = printed_in(front, facts, work)
    has_appeared = imprint.container is Agreement.AGREE and Agreement.AGREE in {imprint.volume, imprint.page}
    found = [
        *signs(front, facts, work, stand),
        *head_signs(front, work, stand, is_where_it_appeared=has_appeared),
        *length_signs(front, facts.page_count, work),
        *slide_signs(front, facts, work),
    ]
    if not (_stands_as_title(stand) or cover or named.is_any_ours):
        found += passing_signs(front, facts, work, titles)
    return Case(
        work=work,
        facts=facts,
        front=front,
        stand=stand,
        named=named,
        people=people_on(front, facts, work),
        imprint=imprint,
        signs=found,
        cover=cover,
        other_title=_other_title(facts, stand, titles, work),
    )


def _stands_as_title(stand: Stand | None) -> bool:
    """Whether the title, or another part's, is the file's head; in usual type it has to be nearly to the letter."""
    return stand is not None and stand.is_heading and (stand.is_larger or stand.likeness >= NEARLY)


def titles_of(work: Work) -> list[str]:
    """The work's title, also with the number of its part written otherwise, and the other titles it goes by."""
    titles = [work.title, *(alias.title for alias in work.aliases), *respelt(work.title)]
    return [title for title in dict.fromkeys(titles) if squash(text_key(title))]


def is_named_on_cover(front: Front, work: Work, titles: list[str]) -> bool | None:
    """Whether the cover sheets name the work by DOI or title; None where there are none, or they name nothing."""
    if not front.covers:
        return None
    if names_on_cover(front, work):
        return True
    letters = "".join(letters_of(line) for line in front.cover_text.splitlines())
    wanted = [squash(text_key(title)) for title in titles]
    if any(len(one) <= len(letters) and fuzz.partial_ratio(one, letters) >= _COVER_LIKE for one in wanted):
        return True
    return False if len(letters) > TELLING_LETTERS else None


def _other_title(facts: PdfFacts, stand: Stand | None, titles: list[str], work: Work) -> str | None:
    """The title that the file bears where it is none of the work's."""
    is_heading = stand is not None and stand.is_heading and stand.conflict is None
    if is_heading and stand is not None and (stand.is_larger or stand.likeness >= NEARLY):
        return None
    title = facts.title
    if title is None or len(title.split()) < _TITLE_WORDS:
        return None
    container = work.container_title
    if container and (title_similarity(title, container) > OTHER or text_key(title) in text_key(container)):
        return None  # the journal's name in large type
    likeness = max((title_similarity(title, one) for one in titles), default=0.0)
    if likeness >= NEARLY and not any(differs(title_key(title), title_key(one)) for one in titles):
        return None
    return title


def other_doi(case: Case) -> str | None:
    """A DOI that the file bears as its own and that is not the work's; None where the work has none to compare."""
    if case.work.doi is None:
        return None
    return next(iter(case.named.others), case.named.stated_other)
