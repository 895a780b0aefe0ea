"""One entry's text and links made a `Reference`, by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dl_lit.core.addresses import dois_of_addresses
from dl_lit.core.identifiers import (
    arxiv_id_of_doi,
    find_arxiv_ids,
    find_dois,
    find_isbns,
    find_pmids,
)
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.pdf.names import Heads, is_repetition, order_of, read_names
from dl_lit.pdf.splitting import Entry
from dl_lit.pdf.titles import Split, split_title
from dl_lit.pdf.venue import Venue, read_venue, work_type
from dl_lit.pdf.years import any_year, leading_year

_LONGEST = 4_000  # characters; more is no entry
_URL = re.compile(r"(?:https?://|ftp://|www\.)[^\s<>\"“”]+?(?=,(?:19|20)\d\d\b|[\s<>\"“”]|$)", re.IGNORECASE)
_URL_SPACED = re.compile(r"(https?)\s*:\s*/\s*/\s*", re.IGNORECASE)
_DOI_SPACED = re.compile(r"\b(10\s?\.\s?\d{4,9})\s*/\s*(?=\S)")
_FOOTNOTE_MARKS = str.maketrans("", "", "*†‡§¶")
_BROKEN_NAME = re.compile(r"(?<=[a-zà-ÿ])- (?=[A-ZÀ-Þ][a-zà-ÿ])")
_RESOLVER_SPACED = re.compile(r"doi\.\s?org\s?/\s*", re.IGNORECASE)
_DOI_NAMED = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|\bdoi\s*[:.]?\s*(?:https?://(?:dx\.)?doi\.org/)?)\s*10\.\d{4,9}/\S+|"
    r"\b10\.\d{4,9}/\S+",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"\[?\s*(?:PubMed|Medline|CrossRef|Google Scholar|Cross Ref|PMC free article|Web of Science|Full Text|ISI|CAS|"
    r"PMC|Article|DOI)\s*\]|\bPMC(?:ID)?:?\s*(?:PMC)?\d{4,9}|\bPMID:?\s*\d{4,9}|"
    r"\[(?:cited|accessed)[^\]]{0,40}\]|\[(?:Online|Internet)\]\.?",
    re.IGNORECASE,
)
_ADDRESS_WORDS = re.compile(
    r"(?:\b(?:URL|Available(?: from| at| online| in)*|Retrieved(?: \w+ \d{1,2},? \d{4},?)? from|Disponível em|"
    r"Disponible en|Disponibile su|Online verfügbar unter|Verfügbar unter|doi|DOI|http|https|"
    r"accessed \w+)\s*:?\s*)+[.,:]*\s*$",
    re.IGNORECASE,
)
_RESOLVERS = re.compile(
    r"//(?:dx\.)?doi\.org/|//arxiv\.org/|//(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed/|//pubmed\.", re.IGNORECASE
)


def parse_entries(entries: Sequence[Entry], first_position: int = 1) -> list[Reference]:
    """The fields of all entries of one list, which keeps one order of names where that is plain to see."""
    order = order_of([read_names(_without_addresses(_mended(entry.text))).style for entry in entries])
    references: list[Reference] = []
    for position, entry in enumerate(entries, start=first_position):
        reference = parse_entry(entry, position, order)
        if references and not reference.authors and not reference.editors and is_repetition(entry.text):
            reference = replace(reference, authors=references[-1].authors, editors=references[-1].editors)
        references.append(reference)
    return references


def _mended(raw: str) -> str:
    """The text with the spaces that line breaks left in addresses taken out."""
    spaced = _URL_SPACED.sub(r"\1://", " ".join(raw[:_LONGEST].split()))
    spaced = _BROKEN_NAME.sub("-", spaced)
    spaced = _RESOLVER_SPACED.sub("doi.org/", spaced)
    return _DOI_SPACED.sub(lambda match: match.group(1).replace(" ", "") + "/", spaced)


def parse_entry(entry: Entry, position: int, order: str | None = None) -> Reference:
    """The fields of `entry`, as far as the rules can read them; `order` as for `read_names`."""
    raw = entry.text[:_LONGEST]
    text = _mended(raw)
    doi, arxiv_id, pmid = _identifiers(text, entry.uris)
    url = _url(text, entry.uris)
    body = _without_addresses(text)
    heads = read_names(body, order)
    year, title, rest, title_is_sure = _title(body, heads)
    venue = read_venue(rest)
    authors = () if heads.are_editors or (title and heads.names[:1] == (Name(literal=title),)) else heads.names
    editors = heads.names if heads.are_editors else venue.editors
    isbns = find_isbns(text)
    kind = _kind(text, venue, heads, url, arxiv_id)
    return Reference(
        position=position,
        raw=raw,
        page=entry.page,
        label=entry.label,
        type=kind,
        authors=authors,
        editors=editors,
        title=title,
        container_title=venue.container_title,
        publisher=venue.publisher if kind is not WorkType.ARTICLE_JOURNAL else None,
        year=year or None,
        volume=venue.volume,
        issue=venue.issue,
        pages=venue.pages,
        doi=doi,
        arxiv_id=arxiv_id,
        pmid=pmid,
        isbn=isbns[0] if isbns else None,
        url=url,
        confidence=_confidence(heads, year, title, venue, doi or arxiv_id or pmid, sure=title_is_sure, length=len(raw)),
    )


def _identifiers(text: str, uris: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    linked = " ".join(uris)
    dois = find_dois(text)
    linked_dois = dois_of_addresses(uris)
    # A printed DOI that a link continues was cut at a line's end; the link has it whole.
    doi = dois[0] if dois else None
    if linked_dois and (doi is None or doi not in linked_dois):
        whole = next(
            (other for other in linked_dois if doi is None or other.startswith(doi) or doi.startswith(other)), None
        )
        doi = whole or doi or linked_dois[0]
    arxiv_ids = find_arxiv_ids(text) or find_arxiv_ids(linked)
    arxiv_id = arxiv_ids[0] if arxiv_ids else next(filter(None, map(arxiv_id_of_doi, dois + linked_dois)), None)
    pmids = find_pmids(text) or find_pmids(linked)
    return doi, arxiv_id, pmids[0] if pmids else None


def _url(text: str, uris: Sequence[str]) -> str | None:
    """The first address that is not merely a resolver of an identifier."""
    printed = [match.group().rstrip(".,;:)]}'’>") for match in _URL.finditer(text)]
    for candidate in (*_completed(printed, uris), *uris):
        if candidate.lower().startswith(("http://", "https://", "ftp://", "www.")) and not _RESOLVERS.search(candidate):
            return candidate
    return None


def _completed(printed: Sequence[str], uris: Sequence[str]) -> list[str]:
    """Printed addresses, each replaced by the link that begins with it."""
    return [next((uri for uri in uris if uri.startswith(address)), address) for address in printed]


def _without_addresses(text: str) -> str:
    """The entry without identifiers, addresses and a service's link words, for the rules to read."""
    bare = _DOI_NAMED.sub(" ", text)
    bare = _URL.sub(" ", bare)
    bare = _NOTES.sub(" ", bare)
    bare = re.sub(r"\s+", " ", bare.translate(_FOOTNOTE_MARKS)).strip()
    bare = _ADDRESS_WORDS.sub("", bare).strip()
    return re.sub(r"\s+([.,;:])", r"\1", bare)


def _title(body: str, heads: Heads) -> tuple[int | None, str | None, str, bool]:
    """Year, title, what follows it, and whether the title is plain to see (quoted, or behind a leading year)."""
    rest = body[heads.end :]
    leading = leading_year(rest)
    if leading:
        split = split_title(rest[leading.end :])
        return leading.year or None, split.title, split.rest, bool(split.rest) or split.is_quoted
    comma_style = _is_comma_style(rest, heads)
    split = split_title(rest, comma_style=comma_style)
    if split.title and (late := re.search(r"\s*\(((?:1[5-9]|20)\d\d)[a-z]?\)$", split.title)):
        split = Split(split.title[: late.start()].rstrip(" .,"), f"{late.group(1)}. {split.rest}", split.is_quoted)
    year = any_year(split.rest) or any_year(rest) or any_year(body)
    return year, split.title, split.rest, split.is_quoted or (bool(heads.names) and not comma_style)


def _is_comma_style(rest: str, heads: Heads) -> bool:
    return heads.style in {"initials", "given", "reversed"} and bool(re.match(r"\s*,\s", rest))


def _kind(text: str, venue: Venue, heads: Heads, url: str | None, arxiv_id: str | None) -> WorkType:
    kind = work_type(text, venue, has_url=bool(url), has_arxiv_id=bool(arxiv_id))
    if heads.are_editors and kind in {WorkType.DOCUMENT, WorkType.WEBPAGE}:
        return WorkType.BOOK
    return kind


def _confidence(
    heads: Heads, year: int | None, title: str | None, venue: Venue, identifier: str | None, *, sure: bool, length: int
) -> float:
    """0 to 1: how much of an entry's usual shape the rules recognised."""
    score = 0.1
    names: tuple[Name, ...] = heads.names
    score += 0.25 if names and heads.style != "body" else 0.12 if names else 0.0
    score += 0.15 if year else 0.0
    if title:
        words = len(title.split())
        score += (0.25 if 3 <= words <= 40 else 0.1) + (0.05 if sure else 0.0)
    score += 0.1 if venue.container_title or venue.publisher else 0.0
    score += 0.05 if venue.pages else 0.0
    score += 0.1 if identifier else 0.0
    if not 25 <= length <= 1_200:
        score *= 0.5
    return round(min(score, 0.99), 2)
