"""INSPIRE: high-energy physics and what is near it; exact by journal coordinates, with parsed lists of references.

Read 2026-11-23: https://github.com/inspirehep/rest-api-doc (routes, `fields`, 15 requests in 5 seconds),
https://help.inspirehep.net/knowledge-base/inspire-paper-search/ (query syntax),
https://github.com/inspirehep/inspire-query-parser (what is in quotation marks must be equal as a whole).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from dl_lit.core.errors import RequestRefused
from dl_lit.core.identifiers import arxiv_id_of_doi, normalise_arxiv_id, normalise_doi, normalise_isbn
from dl_lit.core.model import Alias, CitedList, CitingWork, Listed, Name, Reference, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.matching.normalise import plain_text
from stages.answers import NOT_FOUND, LookUp, decode, decode_each, in_batches, list_body, look_up, path_quote, text_of
from stages.sources.cited.singly import cited_list
from stages.sources.coordinates import Coordinates, coordinates_of
from stages.sources.journals import inspire_form
from stages.sources.names import person

SERVICE = "inspire"
BATCH = 25
URL_BYTES = 2_600
SEARCH_ROWS = 10
FIELDS = (
    "titles,title_translations,authors.full_name,collaborations,corporate_author,dois,arxiv_eprints,publication_info,"
    "document_type,imprints,isbns,earliest_date,control_number"
)
SITE = "https://inspirehep.net/literature"

# What else is printed in a bibliography INSPIRE does not have: asking would cost its fifteen requests in five seconds.
_PHYSICS = re.compile(
    r"phys|astro|nucl|\bj\.?\s?h\.?\s?e\.?\s?p|\bj\.?\s?c\.?\s?a\.?\s?p|cosmo|gravit|relativ|particle|nuovo|instrum|"
    r"accel|symmetry|\buniverse\b|space sci|annals math|arxiv|cern|slac|fermilab",
    re.IGNORECASE,
)
_NOT_IN_PHRASES = re.compile(r"[\"“”„«»\\{}$^~*?]+")
_NOT_IN_WORDS = re.compile(r"[^\w'’]+|_")
_OPERATORS = frozenset({"and", "or", "not", "find", "fin", "f"})
_YEAR = re.compile(r"(1[89]\d\d|20\d\d)")
_LABEL = re.compile(r"\D*(\d{1,4})")
_TYPES = {
    "article": WorkType.ARTICLE_JOURNAL,
    "conference paper": WorkType.PAPER_CONFERENCE,
    "book": WorkType.BOOK,
    "proceedings": WorkType.BOOK,
    "book chapter": WorkType.CHAPTER,
    "thesis": WorkType.THESIS,
    "report": WorkType.REPORT,
    "note": WorkType.REPORT,
}
_NOT_THE_WORK = frozenset(
    {"erratum", "addendum", "corrigendum", "editorial note", "publisher note", "retraction", "data"}
)


class _Title(msgspec.Struct):
    title: str | None = None
    subtitle: str | None = None
    language: str | None = None


class _Author(msgspec.Struct):
    full_name: str | None = None


class _Value(msgspec.Struct):
    value: str | None = None
    material: str | None = None


class _Place(msgspec.Struct):
    journal_title: str | None = None
    journal_volume: str | int | float | None = None
    journal_issue: str | int | float | None = None
    page_start: str | int | float | None = None
    page_end: str | int | float | None = None
    artid: str | int | float | None = None
    year: int | None = None
    material: str | None = None


class _Imprint(msgspec.Struct):
    publisher: str | None = None
    date: str | None = None


class _Metadata(msgspec.Struct):
    titles: list[_Title] | None = None
    title_translations: list[_Title] | None = None
    authors: list[_Author] | None = None
    collaborations: list[_Value] | None = None
    corporate_author: list[str] | None = None
    dois: list[_Value] | None = None
    arxiv_eprints: list[_Value] | None = None
    publication_info: list[_Place] | None = None
    document_type: list[str] | None = None
    imprints: list[_Imprint] | None = None
    isbns: list[_Value] | None = None
    earliest_date: str | None = None
    control_number: int | None = None


class _Hit(msgspec.Struct):
    metadata: _Metadata


class _Hits(msgspec.Struct):
    hits: list[msgspec.Raw]
    total: int | None = None


class _Answer(msgspec.Struct):
    hits: _Hits


class _CitedTitle(msgspec.Struct):
    title: str | None = None


class _Reference(msgspec.Struct):
    label: str | None = None
    dois: list[str] | None = None
    arxiv_eprint: str | None = None
    isbn: str | None = None
    authors: list[_Author] | None = None
    title: _CitedTitle | None = None
    publication_info: _Place | None = None
    misc: list[str] | None = None


class _RawReference(msgspec.Struct):
    schema: str | None = None
    value: str | None = None


class _Cited(msgspec.Struct):
    reference: _Reference | None = None
    raw_refs: list[_RawReference] | None = None


class _CitingMetadata(msgspec.Struct):
    references: list[msgspec.Raw] | None = None


class _Citing(msgspec.Struct):
    metadata: _CitingMetadata


def parse(body: bytes) -> list[Work]:
    """Read the works of a list, untitled ones left out. Raises `ServiceError`."""
    return [work for one in _records(body)[0] if (work := _work(one))]


def parse_references(body: bytes) -> list[Listed]:
    """Read the references of one record, in printed order. Raises `ServiceError`."""
    references = decode(body, _Citing, SERVICE).metadata.references or []
    return [_listed(one, number) for number, one in enumerate(decode_each(references, _Cited, SERVICE), 1)]


def is_physics(text: str) -> bool:
    """Whether a journal's or a collection's name, or what is printed around it, is likely of INSPIRE's field."""
    return _PHYSICS.search(text) is not None


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 25 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        found = {}
        for record, work in _asked(calls, [f'doi "{doi}"' for doi in batch]):
            found.update(dict.fromkeys(set(_dois(record)) & set(batch), work))
        return found

    return look_up([doi for doi in dois if '"' not in doi], BATCH, URL_BYTES, ask, service=SERVICE)


def by_arxiv_ids(calls: ServiceCalls, arxiv_ids: Sequence[str]) -> LookUp:
    """Look arXiv identifiers up, 25 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        works = _asked(calls, [f"eprint {one}" for one in batch])
        return {work.arxiv_id: work for _, work in works if work.arxiv_id in set(batch)}

    return look_up(arxiv_ids, BATCH, URL_BYTES, ask, service=SERVICE)


def by_coordinates(calls: ServiceCalls, references: Sequence[Reference]) -> LookUp:
    """Look entries of physics journals up by journal, volume and first page, 25 to a request; no others."""
    places = {one.raw: place for one in references if (place := coordinates_of(one)) and _PHYSICS.search(place.journal)}
    raws: dict[str, list[str]] = {}
    for raw, place in places.items():
        raws.setdefault(_query(place), []).append(raw)

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        found = _asked(calls, batch)
        fitting = {
            query: [work for record, work in found if _stands_at(record, places[raws[query][0]])] for query in batch
        }
        return {query: works[0] for query, works in fitting.items() if len(works) == 1}

    works, unanswered = in_batches(list(raws), BATCH, URL_BYTES, ask, service=SERVICE)
    return LookUp(
        {raw: work for query, work in works.items() for raw in raws[query]},
        {raw: error for query, error in unanswered.items() for raw in raws[query]},
        frozenset(one.raw for one in references) - places.keys(),
    )


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """Search for title and first author; `None` for entries without title or of other fields. Raises `ServiceError`."""
    query = search_text(reference)
    if not query:
        return None
    params = [("q", query), ("size", str(SEARCH_ROWS)), ("fields", FIELDS)]
    return parse(list_body(calls.get(SERVICE, "/literature", params), SERVICE))


def search_text(reference: Reference) -> str:
    """`t words of the title and a surname`; empty for other fields' entries.

    Without quotation marks, which would ask for the whole title to the letter, and without the words and characters
    that are INSPIRE's operators. Surnames of several words are read as whole names there, and are left out.
    """
    title = " ".join(word for word in _words(reference.title) if word.lower() not in _OPERATORS)
    if not title or not (reference.arxiv_id or _PHYSICS.search(reference.container_title or "")):
        return ""
    surname = _words(reference.authors[0].family) if reference.authors else []
    return f"t {title} and a {surname[0]}" if len(surname) == 1 else f"t {title}"


def cited_by(calls: ServiceCalls, citing: CitingWork) -> CitedList | None:
    """The works that one work cites; `None` if INSPIRE does not know it. Raises `ServiceError`."""

    def ask(doi: str) -> CitedList | None:
        arxiv_id = arxiv_id_of_doi(doi)
        path = f"/arxiv/{arxiv_id}" if arxiv_id else f"/doi/{path_quote(doi)}"
        answer = calls.get(SERVICE, path, [("fields", "references")])
        if answer.status == NOT_FOUND:
            return None
        return CitedList(source=SERVICE, entries=tuple(parse_references(answer.body)))

    return cited_list(calls, SERVICE, citing, ask)


def _asked(calls: ServiceCalls, queries: Sequence[str]) -> list[tuple[_Metadata, Work]]:
    """The records that any of `queries` finds. A page that was cut is refused: fewer at a time fit it."""
    params = [("q", " or ".join(queries)), ("size", str(2 * len(queries) + 5)), ("fields", FIELDS)]
    answer = calls.get(SERVICE, "/literature", params)
    records, total = _records(list_body(answer, SERVICE))
    if total > len(records) and len(queries) > 1:
        raise RequestRefused(SERVICE, answer.status, f"{total} records for {len(queries)} queries")
    return [(one, work) for one in records if (work := _work(one))]


def _records(body: bytes) -> tuple[list[_Metadata], int]:
    """The records of a list, and how many there are in all."""
    found = decode(body, _Answer, SERVICE).hits
    return [one.metadata for one in decode_each(found.hits, _Hit, SERVICE)], found.total or 0


def _query(place: Coordinates) -> str:
    journal = " ".join(_NOT_IN_PHRASES.sub(" ", inspire_form(place.journal)).split())
    return f'j "{journal},{place.volume},{place.first_page}"'


def _stands_at(record: _Metadata, place: Coordinates) -> bool:
    """Whether one of the record's places is the printed one, "Phys. Rev. D 99" and "Phys.Rev. D99" being the same."""
    initial = inspire_form(place.journal)[0].lower()
    return any(
        _digits(one.journal_volume) == _digits(place.volume)
        and place.first_page.lower() in {(text_of(one.page_start) or "").lower(), (text_of(one.artid) or "").lower()}
        and (one.journal_title or " ")[0].lower() == initial
        for one in record.publication_info or []
        if one.material not in _NOT_THE_WORK
    )


def _digits(volume: str | float | None) -> str:
    return re.sub(r"\D", "", text_of(volume) or "")


def _dois(record: _Metadata) -> list[str]:
    """The DOIs of the work itself, those of its errata left out, the published version's first."""
    found = [
        doi for one in record.dois or [] if one.material not in _NOT_THE_WORK and (doi := normalise_doi(one.value))
    ]
    return sorted(dict.fromkeys(found), key=lambda doi: arxiv_id_of_doi(doi) is not None)


def _work(one: _Metadata) -> Work | None:
    titles = [
        plain_text(f"{each.title}: {each.subtitle}" if each.subtitle else each.title)
        for each in one.titles or []
        if each.title
    ]
    if not titles:
        return None
    place = next((each for each in one.publication_info or [] if each.material not in _NOT_THE_WORK), _Place())
    imprint = one.imprints[0] if one.imprints else _Imprint()
    arxiv_id = next((found for each in one.arxiv_eprints or [] if (found := normalise_arxiv_id(each.value))), None)
    date = _YEAR.match(imprint.date or "") or _YEAR.match(one.earliest_date or "")
    others = [Alias(title=title) for title in titles[1:]]
    others += [
        Alias(title=plain_text(each.title), language=each.language)
        for each in one.title_translations or []
        if each.title
    ]
    return Work(
        title=titles[0],
        type=_type(one, is_published=bool(place.journal_title)),
        authors=_people(one),
        year=place.year or (int(date[1]) if date else None),
        container_title=place.journal_title,
        publisher=imprint.publisher,
        volume=text_of(place.journal_volume),
        issue=text_of(place.journal_issue),
        pages=_pages(place),
        doi=next(iter(_dois(one)), None),
        arxiv_id=arxiv_id,
        isbn=next((isbn for each in one.isbns or [] if (isbn := normalise_isbn(each.value))), None),
        url=f"{SITE}/{one.control_number}" if one.control_number else None,
        aliases=tuple(dict.fromkeys(alias for alias in others if alias.title != titles[0])),
        metadata_source=SERVICE,
    )


def _pages(place: _Place) -> str | None:
    first, last = text_of(place.page_start), text_of(place.page_end)
    if first:
        return f"{first}-{last}" if last and last != first else first
    return text_of(place.artid)


def _type(one: _Metadata, *, is_published: bool) -> WorkType:
    kinds = [_TYPES[kind] for kind in one.document_type or [] if kind in _TYPES]
    if kinds[:1] == [WorkType.ARTICLE_JOURNAL] and one.arxiv_eprints and not is_published:
        return WorkType.ARTICLE
    return kinds[0] if kinds else WorkType.DOCUMENT


def _people(one: _Metadata) -> tuple[Name, ...]:
    people = [person(each.full_name) for each in one.authors or [] if each.full_name and each.full_name.strip()]
    bodies = [each.value for each in one.collaborations or []] if not people else []
    bodies += (one.corporate_author or []) if not people else []
    return (*people, *(Name(literal=body) for body in bodies if body))


def _listed(one: _Cited, number: int) -> Listed:
    reference = one.reference or _Reference()
    place = reference.publication_info or _Place()
    label = _LABEL.match(reference.label or "")
    raw = next((each.value for each in one.raw_refs or [] if each.schema == "text" and each.value), None)
    people = [person(each.full_name) for each in reference.authors or [] if each.full_name and each.full_name.strip()]
    title = reference.title.title if reference.title else None
    return Listed(
        source=SERVICE,
        position=int(label[1]) if label else number,
        raw=" ".join((raw or "; ".join(reference.misc or [])).split()) or None,
        doi=next((doi for text in reference.dois or [] if (doi := normalise_doi(text))), None),
        arxiv_id=normalise_arxiv_id(reference.arxiv_eprint),
        title=plain_text(title) if title else None,
        author=people[0].sort_key if people else None,
        year=place.year,
        container_title=place.journal_title,
        volume=text_of(place.journal_volume),
        first_page=text_of(place.page_start) or text_of(place.artid),
        isbn=normalise_isbn(reference.isbn),
    )


def _words(text: str | None) -> list[str]:
    return _NOT_IN_WORDS.sub(" ", plain_text(text or "")).split()
