"""DataCite: arXiv's own DOIs, Zenodo, figshare, theses and reports of repositories.

Read 2026-11-22: https://support.datacite.org/docs/api-get-lists (lists by `ids`), https://support.datacite.org/docs/rate-limit,
https://support.datacite.org/docs/api-queries (Lucene, read 2026-11-23).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from dl_lit.core.identifiers import arxiv_id_of_doi, doi_of_arxiv_id, normalise_doi
from dl_lit.core.model import Alias, Name, Notice, NoticeKind, Reference, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.matching.normalise import plain_text
from stages.answers import LookUp, decode, decode_each, list_body, look_up, text_of
from stages.sources.arxiv import WITHDRAWN
from stages.sources.names import person
from stages.sources.open_links import of_datacite
from stages.sources.relations import relations

SERVICE = "datacite"
BATCH = 50
URL_BYTES = 3_400  # of the identifiers, encoded
SEARCH_ROWS = 10

_TYPES = {
    "journalarticle": WorkType.ARTICLE_JOURNAL,
    "datapaper": WorkType.ARTICLE_JOURNAL,
    "preprint": WorkType.ARTICLE,
    "book": WorkType.BOOK,
    "bookchapter": WorkType.CHAPTER,
    "conferencepaper": WorkType.PAPER_CONFERENCE,
    "conferenceproceeding": WorkType.BOOK,
    "dissertation": WorkType.THESIS,
    "report": WorkType.REPORT,
    "dataset": WorkType.DATASET,
    "software": WorkType.SOFTWARE,
}
_OFTEN_HERE = frozenset({WorkType.THESIS, WorkType.REPORT, WorkType.DATASET, WorkType.SOFTWARE, WorkType.ARTICLE})
_NOT_IN_PHRASES = re.compile(r"[^\w'’]+|_")


class _Creator(msgspec.Struct, rename="camel"):
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    name_type: str | None = None


class _Contributor(_Creator, rename="camel"):
    contributor_type: str | None = None


class _Title(msgspec.Struct, rename="camel"):
    title: str | None = None
    title_type: str | None = None
    lang: str | None = None


class _Types(msgspec.Struct, rename="camel"):
    resource_type_general: str | None = None
    resource_type: str | None = None


class _Container(msgspec.Struct, rename="camel"):
    title: str | None = None
    volume: str | int | float | None = None
    issue: str | int | float | None = None
    first_page: str | int | float | None = None
    last_page: str | int | float | None = None


class _Description(msgspec.Struct, rename="camel"):
    description: str | None = None
    description_type: str | None = None


class _Related(msgspec.Struct, rename="camel"):
    relation_type: str | None = None
    related_identifier: str | None = None
    related_identifier_type: str | None = None


class _Rights(msgspec.Struct, rename="camel"):
    rights_uri: str | None = None
    rights_identifier: str | None = None


class _Attributes(msgspec.Struct, rename="camel"):
    doi: str | None = None
    creators: list[_Creator] | None = None
    contributors: list[_Contributor] | None = None
    titles: list[_Title] | None = None
    publisher: Any = None  # a string, or an object with `name` where asked for
    publication_year: int | None = None
    types: _Types | None = None
    container: _Container | None = None
    descriptions: list[_Description] | None = None
    related_identifiers: list[_Related] | None = None
    language: str | None = None
    url: str | None = None
    content_url: Any = None  # an address, a list of them, mostly null
    rights_list: list[_Rights] | None = None


class _Record(msgspec.Struct):
    attributes: _Attributes
    id: str | None = None


class _List(msgspec.Struct):
    data: list[msgspec.Raw]


class _Single(msgspec.Struct):
    data: _Record


def parse(body: bytes) -> list[Work]:
    """Read the works of a list; those without a title are left out. Raises `ServiceError`."""
    records = decode(body, _List, SERVICE).data
    return [work for record in decode_each(records, _Record, SERVICE) if (work := _work(record))]


def parse_record(body: bytes) -> Work | None:
    """Read one record; `None` when it has no title. Raises `ServiceError`."""
    return _work(decode(body, _Single, SERVICE).data)


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 50 to a list."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        params = [("ids", ",".join(batch)), ("page[size]", str(len(batch)))]
        works = parse(list_body(calls.get(SERVICE, "/dois", params), SERVICE))
        return {work.doi: work for work in works if work.doi in set(batch)}

    return look_up([doi for doi in dois if "," not in doi], BATCH, URL_BYTES, ask, service=SERVICE)


def by_arxiv_ids(calls: ServiceCalls, arxiv_ids: Sequence[str]) -> LookUp:
    """Look arXiv identifiers up by the DOIs that arXiv registers for them."""
    by_doi = {doi_of_arxiv_id(one): one for one in arxiv_ids}
    found = by_dois(calls, list(by_doi))
    return LookUp(
        {by_doi[doi]: work for doi, work in found.works.items()},
        {by_doi[doi]: error for doi, error in found.unanswered.items()},
    )


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """Search by title and first author; `None` for entries of kinds that others have. Raises `ServiceError`."""
    query = search_text(reference)
    if not query:
        return None
    return parse(list_body(calls.get(SERVICE, "/dois", [("query", query), ("page[size]", str(SEARCH_ROWS))]), SERVICE))


def search_text(reference: Reference) -> str:
    """`titles.title:"..." AND creators.familyName:"..."`, without Lucene's syntax inside the quotes.

    Empty without title, and for articles, books and chapters: their DOIs are seldom DataCite's.
    """
    title = _phrase(reference.title or "")
    if not title or reference.type not in _OFTEN_HERE:
        return ""
    family = _phrase(reference.authors[0].family or "") if reference.authors else ""
    return f'titles.title:"{title}" AND creators.familyName:"{family}"' if family else f'titles.title:"{title}"'


def _phrase(text: str) -> str:
    return " ".join(_NOT_IN_PHRASES.sub(" ", plain_text(text)).split())


def _work(record: _Record) -> Work | None:
    attributes = record.attributes
    title = _title(attributes.titles or [])
    if not title:
        return None
    doi = normalise_doi(attributes.doi or record.id)
    arxiv_id = arxiv_id_of_doi(doi)
    container = attributes.container or _Container()
    is_withdrawn = arxiv_id is not None and _is_withdrawn(attributes.descriptions or [])
    return Work(
        title=title,
        type=_type(attributes.types, is_arxiv=arxiv_id is not None),
        authors=_people(attributes.creators or []),
        editors=_people([one for one in attributes.contributors or [] if one.contributor_type == "Editor"]),
        year=attributes.publication_year,
        container_title=container.title,
        publisher=_publisher(attributes.publisher),
        volume=text_of(container.volume),
        issue=text_of(container.issue),
        pages="-".join(filter(None, (text_of(container.first_page), text_of(container.last_page)))) or None,
        doi=doi,
        arxiv_id=arxiv_id,
        url=attributes.url,
        abstract=_abstract(attributes.descriptions or []),
        language=attributes.language,
        is_retracted=is_withdrawn,
        notices=(Notice(kind=NoticeKind.WITHDRAWAL, source=SERVICE),) if is_withdrawn else (),
        relations=relations(_related(attributes.related_identifiers or []), doi, SERVICE),
        aliases=_aliases(attributes.titles or [], title),
        metadata_source=SERVICE,
        locations=of_datacite(attributes.content_url, _rights(attributes.rights_list or []), SERVICE),
    )


def _rights(rights: Sequence[_Rights]) -> Iterator[str | None]:
    for one in rights:
        yield one.rights_uri
        yield one.rights_identifier


def _related(related: Sequence[_Related]) -> Iterator[tuple[str, str, str]]:
    for one in related:
        if one.relation_type and one.related_identifier:
            yield one.relation_type, one.related_identifier_type or "", one.related_identifier


def _aliases(titles: Sequence[_Title], title: str) -> tuple[Alias, ...]:
    """Translated and alternative titles; a language is kept where it is a code like "fr" or "fr-CA"."""
    others = [
        Alias(
            title=plain_text(one.title), language=one.lang[:2].lower() if one.lang and len(one.lang) in {2, 5} else None
        )
        for one in titles
        if one.title and one.title_type in {"TranslatedTitle", "AlternativeTitle"}
    ]
    return tuple(dict.fromkeys(one for one in others if one.title and one.title != title))


def _title(titles: Sequence[_Title]) -> str:
    main = [one for one in titles if one.title and one.title_type is None]
    chosen = next(iter(main or [one for one in titles if one.title]), None)
    title = plain_text(chosen.title or "") if chosen else ""
    subtitle = next((plain_text(one.title) for one in titles if one.title and one.title_type == "Subtitle"), "")
    return f"{title}: {subtitle}" if title and subtitle and subtitle != title else title


def _type(types: _Types | None, *, is_arxiv: bool) -> WorkType:
    if is_arxiv:
        return WorkType.ARTICLE
    if types is None:
        return WorkType.DOCUMENT
    general = (types.resource_type_general or "").lower()
    if general == "text":
        detail = (types.resource_type or "").replace(" ", "").lower()
        if "thesis" in detail or "dissertation" in detail:
            return WorkType.THESIS
        return _TYPES.get(detail, WorkType.DOCUMENT)
    return _TYPES.get(general, WorkType.DOCUMENT)


def _people(creators: Sequence[_Creator]) -> tuple[Name, ...]:
    people: list[Name] = []
    for one in creators:
        if one.family_name:
            people.append(Name(family=one.family_name, given=one.given_name))
        elif not one.name or not one.name.strip():
            continue
        elif one.name_type == "Organizational":
            people.append(Name(literal=one.name))
        else:
            people.append(person(one.name))
    return tuple(people)


def _publisher(value: Any) -> str | None:
    name = value.get("name") if isinstance(value, dict) else value
    return name if isinstance(name, str) else None


def _is_withdrawn(descriptions: Sequence[_Description]) -> bool:
    """Whether the comment of an arXiv submission, which is kept as another description, says so."""
    comments = (one.description or "" for one in descriptions if one.description_type != "Abstract")
    return any(WITHDRAWN.search(text) for text in comments)


def _abstract(descriptions: Sequence[_Description]) -> str | None:
    texts = [one.description for one in descriptions if one.description and one.description_type == "Abstract"]
    return plain_text(texts[0]) if texts else None
