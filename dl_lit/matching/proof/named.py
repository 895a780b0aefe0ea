"""The identifiers that a file bears as its own, told from those it mentions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from dl_lit.core.identifiers import arxiv_id_of_doi, doi_of_arxiv_id, find_arxiv_ids, find_dois, find_isbns
from dl_lit.core.model import RelationKind, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import squash, text_key
from dl_lit.matching.proof.front import FOOT, Front, Leaf, Row, beginning

_CUE = re.compile(r"\bdoi\b|doi\.org/|digital object identifier", re.IGNORECASE)
CITES_ITSELF: Final = re.compile(
    r"\b(?:cite (?:this|as)|how to cite|please cite|to cite|(?:recommended|suggested) citation|citation\s?:|"
    r"zitier\w+|citer cet|c[oó]mo citar|como citar|reference\s?:)",
    re.IGNORECASE,
)
ABOUT_ANOTHER: Final = re.compile(
    r"\b(?:original (?:article|publication|paper|version|work)|comment(?:ary|s)? (?:on|to)|refers? to|"
    r"corrections? (?:to|of)|"
    r"corrects|corrigendum (?:to|for)|erratum (?:to|for|in)|retract\w*|related (?:article|work|content|paper)s?|"
    r"companion|"
    r"suppl\w* (?:to|for|information|material|data)|supporting information|data(?:set)?s? (?:\w+ ){0,3}(?:available|"
    r"deposited|at)|(?:in )?(?:response|reply) to|see also|article (?:has been|was) corrected|review(?:s|ed)? of|"
    r"linked (?:article|to)|translation of|translated from|accompan\w+|based on|previously published|"
    r"concern\w* the|discussed (?:article|paper)|you may also like|articles you may|similar articles|cited by|"
    r"recommended (?:articles|reading)|references?\s*$|literature\s*$|bibliography\s*$)",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"^\s*(?:\[\d+\]|\(?\d{1,3}[.)]\s+\D)")
_CONTEXT_ROWS: Final = 3
_ENTRY_ROWS: Final = 5  # of a reference, before the one that ends in its DOI
_ADDRESS = re.compile(r"(?:https?://)?(?:(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+|\bdoi\b:?", re.IGNORECASE)
_PROSE = re.compile(
    r"(?<![\w.])(?!of\b|and\b|the\b|for\b|in\b|et\b|al\b|pp?\b|vol\b|no\b|available\b|online\b|at\b)[a-z]{2,}(?![\w.])"
)
MOST_PROSE: Final = 4  # words in small letters beside a DOI: more are running text
_EDGE: Final = 0.075  # of the page's height, in which heads and feet stand, and no notes
_EDGE_PROSE: Final = 12  # words in small letters, there
_HIGH: Final = 0.6  # of the page's height, above which a paper's own DOI stands
# Volume, issue and year as notes and lists cite them: "171, no. 4356 (1953): 737".
_NOTE = re.compile(r"\d+(?:, no\. \d+)? \((?:1[5-9]|20)\d\d\)[:,]|”,? ")
_BARE_SHARE: Final = 0.6  # of a line that is its DOI
_VERSION_END = re.compile(r"[./]?v\d+$")
_ISBN_PAGES: Final = 6


@dataclass(frozen=True, slots=True)
class Named:
    """What a file says it is by identifiers."""

    is_ours: bool = False  # its own DOI is the work's
    ours_on_page: int | None = None  # where
    others: tuple[str, ...] = ()  # DOIs it bears as its own that are none of the work's
    is_stated: bool = False  # the metadata have the work's DOI
    stated_other: str | None = None  # a DOI that the metadata have and that is none of the work's
    is_mentioned: bool = False  # the work's DOI stands somewhere, but not as the file's own
    is_arxiv_ours: bool = False
    other_arxiv: str | None = None
    is_isbn_ours: bool = False
    other_isbns: tuple[str, ...] = ()

    @property
    def is_any_ours(self) -> bool:
        """Whether the file bears one of the work's identifiers, or its metadata have the DOI."""
        return self.is_ours or self.is_stated or self.is_arxiv_ours or self.is_isbn_ours


def named_in(front: Front, facts: PdfFacts, work: Work) -> Named:
    """Which identifiers the file bears, set beside those of `work`."""
    ours = _dois_of(work)
    own = list(_own_dois(front, work))
    on_page = next((page for doi, page in own if _is_one_of(doi, ours)), None)
    others = [doi for doi, _ in own if not _is_one_of(doi, ours)]
    if on_page is not None and others:  # which of them is its own cannot be told
        on_page, others = None, []
    if facts.doi and not _is_cited(facts.doi, front, work) and not front.covers:
        if _is_one_of(facts.doi, ours):
            on_page = on_page or (1 if not own else None)
        elif not own and _is_borne(facts.doi, front):
            others.append(facts.doi)
    stated = facts.stated_doi
    arxiv = facts.arxiv_id or next(iter(_stamps(front)), None)
    isbns = _isbns(front)
    is_same_arxiv = arxiv is not None and arxiv in _arxiv_ids_of(work)
    return Named(
        is_ours=on_page is not None,
        ours_on_page=on_page,
        others=tuple(dict.fromkeys(others)),
        is_stated=stated is not None and _is_one_of(stated, ours),
        stated_other=stated if stated is not None and not _is_one_of(stated, ours) else None,
        is_mentioned=any(_is_one_of(doi, ours) for doi in find_dois(front.text)),
        is_arxiv_ours=is_same_arxiv,
        other_arxiv=arxiv if arxiv and not is_same_arxiv and _arxiv_ids_of(work) else None,
        is_isbn_ours=work.isbn is not None and work.isbn in isbns,
        other_isbns=isbns if work.isbn is not None and work.isbn not in isbns else (),
    )


def names_on_cover(front: Front, work: Work) -> bool | None:
    """Whether the DOIs on the cover sheets are the work's; None where there are none."""
    dois = find_dois(front.cover_text)
    return any(_is_one_of(doi, _dois_of(work)) for doi in dois) if dois and work.doi else None


def _dois_of(work: Work) -> frozenset[str]:
    """All DOIs under which the work, or a version of it, is registered."""
    found = {work.doi, *(relation.doi for relation in work.relations if relation.kind is RelationKind.VERSION)}
    found |= {doi_of_arxiv_id(identifier) for identifier in _arxiv_ids_of(work)}
    return frozenset(doi for doi in found if doi)


def _arxiv_ids_of(work: Work) -> frozenset[str]:
    found = {work.arxiv_id, arxiv_id_of_doi(work.doi)}
    found |= {relation.arxiv_id for relation in work.relations if relation.kind is RelationKind.VERSION}
    return frozenset(identifier for identifier in found if identifier)


def prose_in(text: str) -> list[str]:
    """The words of running text in it: in small letters, and none that stand in references and addresses, too."""
    return _PROSE.findall(text)


def _is_one_of(doi: str, ours: frozenset[str]) -> bool:
    """Whether the DOI is one of them, releases of one deposit ("….v2") taken as one."""
    return doi in ours or _VERSION_END.sub("", doi) in {_VERSION_END.sub("", one) for one in ours}


def _own_dois(front: Front, work: Work) -> Iterator[tuple[str, int]]:
    """The DOIs that stand where a file prints its own, each with its page."""
    for leaf in front.leaves:
        yield from ((doi, leaf.page.number) for doi in _own_on(leaf, work))
        if not leaf.is_thin:
            return


def _own_on(leaf: Leaf, work: Work) -> Iterator[str]:
    for at, row in enumerate(leaf.rows):
        dois = find_dois(row.text)
        if not dois or _ENTRY.match(row.text) or ABOUT_ANOTHER.search(row.text):
            continue
        context = " ".join(one.text for one in leaf.rows[max(0, at - _CONTEXT_ROWS) : at + 1])
        if ABOUT_ANOTHER.search(context) and not row.is_in_margin:
            continue
        if not CITES_ITSELF.search(context) and _is_in_reference(leaf, at, work):
            continue
        rest = _ADDRESS.sub(" ", row.text)
        is_bare = sum(map(len, dois)) >= _BARE_SHARE * (sum(map(len, dois)) + len(rest.strip()))
        is_high = row.line.height >= _HIGH and (is_bare or row.is_in_margin or bool(_CUE.search(row.text)))
        is_low = row.line.height < FOOT and is_bare
        is_outermost = not _EDGE <= row.line.height <= 1 - _EDGE
        is_told = bool(CITES_ITSELF.search(context)) or (is_bare and bool(_CUE.search(row.text)))
        prose = len(_PROSE.findall(rest))
        if is_told or (is_outermost and prose <= _EDGE_PROSE) or ((is_high or is_low) and prose <= MOST_PROSE):
            yield dois[0]


def _is_in_reference(leaf: Leaf, at: int, work: Work) -> bool:
    """Whether the row ends a reference to the work or a sentence about it: people or words, then the title in its size.

    Syllabuses, lists and interviews have them.
    """
    row = leaf.rows[at]
    same = [one for one in leaf.rows[max(0, at - _ENTRY_ROWS) : at + 1] if abs(one.line.size - row.line.size) < 0.5]
    letters, title = squash(text_key(" ".join(one.text for one in same))), squash(text_key(work.title))
    before = letters.find(title) if title else -1
    if before <= 0:
        return False
    names = (squash(text_key(name.sort_key)) for name in work.authors)
    return any(name and name in letters[:before] for name in names) or _is_led_to(same, before)


def _is_led_to(rows: Sequence[Row], before: int) -> bool:
    """Whether words of a sentence stand before the title in its first row; so many letters are before it in all."""
    for row in rows:
        if before < len(row.letters):
            return bool(prose_in(beginning(row.text, before)))
        before -= len(row.letters)
    return False


def _is_cited(doi: str, front: Front, work: Work) -> bool:
    """Whether the DOI stands on the first pages only where they speak of another text, or in a list of references."""
    for leaf in front.leaves:
        for at, row in enumerate(leaf.rows):
            if doi in find_dois(row.text):
                context = " ".join(one.text for one in leaf.rows[max(0, at - _CONTEXT_ROWS) : at + 1])
                if not CITES_ITSELF.search(context) and _is_in_reference(leaf, at, work):
                    continue
                is_prose = len(_PROSE.findall(_ADDRESS.sub(" ", row.text))) > MOST_PROSE or _NOTE.search(row.text)
                if not ABOUT_ANOTHER.search(context) and not _ENTRY.match(row.text) and not is_prose:
                    return False
    return True


def _is_borne(doi: str, front: Front) -> bool:
    return any(doi in find_dois(row.text) for row in front.margins())


def _stamps(front: Front) -> Iterator[str]:
    """The arXiv identifiers in the margins of the first page."""
    for leaf in front.leaves[:1]:
        for row in leaf.rows:
            if row.is_in_margin and re.match(r"\s*arxiv:", row.text, re.IGNORECASE):
                yield from find_arxiv_ids(row.text)


def _isbns(front: Front) -> tuple[str, ...]:
    return tuple(dict.fromkeys(isbn for leaf in front.leaves[:_ISBN_PAGES] for isbn in find_isbns(leaf.page.text)))
