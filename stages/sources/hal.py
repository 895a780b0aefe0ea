"""HAL: the French open archive, with theses, reports and chapters that have no DOI.

Read 2026-11-23: https://api.archives-ouvertes.fr/docs/search (Solr syntax, `fl`, `rows`),
https://api.archives-ouvertes.fr/docs/search/?schema=fields (fields: `_t` is searched by words, `_s` as a whole).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_arxiv_id, normalise_doi, normalise_isbn, normalise_pmid
from dl_lit.core.model import Alias, HostType, Location, Name, Reference, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import LookUp, decode, decode_each, list_body, look_up, text_of
from stages.sources.names import person

SERVICE = "hal"
BATCH = 50
URL_BYTES = 2_600
SEARCH_ROWS = 10
TITLES_BY_LANGUAGE = ("en", "fr", "de", "es", "it", "pt")
FIELDS = (
    "halId_s,uri_s,docType_s,title_s,subTitle_s,authFullName_s,authLastName_s,authFirstName_s,doiId_s,arxivId_s,"
    "pubmedId_s,isbn_s,publicationDateY_i,producedDateY_i,journalTitle_s,bookTitle_s,conferenceTitle_s,publisher_s,"
    "authorityInstitution_s,volume_s,issue_s,page_s,language_s,abstract_s,fileMain_s,openAccess_bool,licence_s,"
    + ",".join(f"{language}_title_s" for language in TITLES_BY_LANGUAGE)
)

_SYNTAX = re.compile(r'(["\\])')
_OFTEN_HERE = frozenset({WorkType.THESIS, WorkType.REPORT})
_FRENCH = re.compile(r"\b(?:le|la|les|des|du|une?|et|dans|pour|sur|aux?|thèse|université)\b", re.IGNORECASE)
_FRENCH_WORDS = 2
_NOT_IN_PHRASES = re.compile(r"[^\w'’]+|_")
_TYPES = {
    "ART": WorkType.ARTICLE_JOURNAL,
    "COMM": WorkType.PAPER_CONFERENCE,
    "POSTER": WorkType.PAPER_CONFERENCE,
    "PROCEEDINGS": WorkType.BOOK,
    "OUV": WorkType.BOOK,
    "DOUV": WorkType.BOOK,
    "COUV": WorkType.CHAPTER,
    "THESE": WorkType.THESIS,
    "HDR": WorkType.THESIS,
    "MEM": WorkType.THESIS,
    "ETABTHESE": WorkType.THESIS,
    "REPORT": WorkType.REPORT,
    "UNDEFINED": WorkType.ARTICLE,
    "SOFTWARE": WorkType.SOFTWARE,
}

_Value = str | int | float | None
_Values = str | list[str] | None  # a value stands alone or in a list


class _Doc(msgspec.Struct, rename={
    "hal_id": "halId_s", "url": "uri_s", "kind": "docType_s", "title": "title_s", "subtitle": "subTitle_s",
    "full_names": "authFullName_s", "families": "authLastName_s", "givens": "authFirstName_s", "doi": "doiId_s",
    "arxiv_id": "arxivId_s", "pmid": "pubmedId_s", "isbn": "isbn_s", "year": "publicationDateY_i",
    "produced": "producedDateY_i", "journal": "journalTitle_s", "book": "bookTitle_s",
    "conference": "conferenceTitle_s", "publisher": "publisher_s", "institution": "authorityInstitution_s",
    "volume": "volume_s", "issue": "issue_s", "pages": "page_s", "language": "language_s", "abstract": "abstract_s",
    "file": "fileMain_s", "is_open": "openAccess_bool", "licence": "licence_s", "en": "en_title_s", "fr": "fr_title_s",
    "de": "de_title_s", "es": "es_title_s", "it": "it_title_s", "pt": "pt_title_s",
}):  # fmt: skip
    hal_id: str | None = None
    url: str | None = None
    kind: str | None = None
    title: _Values = None
    subtitle: _Values = None
    full_names: _Values = None
    families: _Values = None
    givens: _Values = None
    doi: str | None = None
    arxiv_id: str | None = None
    pmid: str | int | None = None
    isbn: _Values = None
    year: int | None = None
    produced: int | None = None
    journal: str | None = None
    book: str | None = None
    conference: str | None = None
    publisher: _Values = None
    institution: _Values = None
    volume: _Value = None
    issue: _Values = None
    pages: _Value = None
    language: _Values = None
    abstract: _Values = None
    file: str | None = None
    is_open: bool | None = None
    licence: str | None = None
    en: _Values = None
    fr: _Values = None
    de: _Values = None
    es: _Values = None
    it: _Values = None
    pt: _Values = None


class _Response(msgspec.Struct):
    docs: list[msgspec.Raw]


class _Error(msgspec.Struct):
    msg: str | None = None


class _Answer(msgspec.Struct):
    response: _Response | None = None
    error: _Error | str | None = None


def parse(body: bytes) -> list[Work]:
    """Read the works of a search, untitled ones left out. Raises `ServiceError`, also for an error inside a 200."""
    return [work for doc in decode_each(documents(body), _Doc, SERVICE) if (work := _work(doc))]


def documents(body: bytes) -> list[msgspec.Raw]:
    """The documents of a search, not yet read. Raises `ServiceError`, also for an error inside a 200."""
    answer = decode(body, _Answer, SERVICE)
    if answer.response is None:
        told = answer.error.msg if isinstance(answer.error, _Error) else answer.error
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, told or "neither documents nor an error")
    return answer.response.docs


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 50 to a request. HAL compares them letter by letter, so one deposited in capitals is not found."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        query = " OR ".join(_quoted(doi) for doi in batch)
        works = _asked(calls, f"doiId_s:({query})", 2 * len(batch))
        return {work.doi: work for work in works[::-1] if work.doi in set(batch)}

    return look_up(dois, BATCH, URL_BYTES, ask, service=SERVICE)


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """Search for title and first author; `None` for entries that are hardly there. Raises `ServiceError`."""
    query = search_text(reference)
    return _asked(calls, query, SEARCH_ROWS) if query else None


def search_text(reference: Reference) -> str:
    """`title_t:"..." AND authFullName_t:"..."`, letters and digits only within the quotes.

    Empty without title, and for what is likely not there: neither thesis nor report nor in French.
    """
    title = _phrase(reference.title or "")
    is_likely = reference.type in _OFTEN_HERE or len(_FRENCH.findall(reference.raw)) >= _FRENCH_WORDS
    if not title or not is_likely:
        return ""
    people = [*reference.authors[:1], *reference.editors[:1]]
    author = _phrase(people[0].sort_key) if people else ""
    return f'title_t:"{title}" AND authFullName_t:"{author}"' if author else f'title_t:"{title}"'


def _asked(calls: ServiceCalls, query: str, rows: int) -> list[Work]:
    params = [("q", query), ("fl", FIELDS), ("rows", str(rows)), ("wt", "json")]
    return parse(list_body(calls.get(SERVICE, "/search/", params), SERVICE))


def _work(doc: _Doc) -> Work | None:
    titles = [title for text in _each(doc.title) if (title := plain_text(text))]
    if not titles:
        return None
    subtitle = plain_text(next(iter(_each(doc.subtitle)), ""))
    is_whole = not subtitle or subtitle.lower() in titles[0].lower()
    languages = _each(doc.language)
    publisher = next(iter([*_each(doc.publisher), *_each(doc.institution)]), None)
    return Work(
        title=titles[0] if is_whole else f"{titles[0]}: {subtitle}",
        type=_TYPES.get(doc.kind or "", WorkType.DOCUMENT),
        authors=_people(doc),
        year=doc.year or doc.produced,
        container_title=doc.journal or doc.book or doc.conference,
        publisher=publisher,
        volume=text_of(doc.volume),
        issue=next(iter(_each(doc.issue)), None),
        pages=text_of(doc.pages),
        doi=normalise_doi(doc.doi),
        arxiv_id=normalise_arxiv_id(doc.arxiv_id),
        pmid=normalise_pmid(doc.pmid),
        isbn=next((isbn for text in _each(doc.isbn) if (isbn := normalise_isbn(text))), None),
        url=doc.url,
        abstract=plain_text(next(iter(_each(doc.abstract)), "")) or None,
        language=languages[0] if languages else None,
        aliases=_aliases(doc, titles),
        metadata_source=SERVICE,
        locations=_locations(doc),
    )


def _aliases(doc: _Doc, titles: Sequence[str]) -> tuple[Alias, ...]:
    """The titles in other languages, each once."""
    by_title: dict[str, str | None] = dict.fromkeys(titles)
    for language in TITLES_BY_LANGUAGE:
        for text in _each(getattr(doc, language)):
            by_title[plain_text(text)] = language
    return tuple(
        Alias(title=title, language=language) for title, language in by_title.items() if title and title != titles[0]
    )


def _people(doc: _Doc) -> tuple[Name, ...]:
    families, givens = _each(doc.families), _each(doc.givens)
    if families and len(families) == len(givens):
        return tuple(Name(family=family, given=given) for family, given in zip(families, givens, strict=True))
    return tuple(person(name) for name in _each(doc.full_names))


def _locations(doc: _Doc) -> tuple[Location, ...]:
    """The deposited file, where it may be read now."""
    if not doc.file or not doc.is_open:
        return ()
    is_pdf = doc.file.lower().partition("?")[0].endswith((".pdf", "/document"))
    return (
        Location(url=doc.file, is_pdf=is_pdf, host_type=HostType.REPOSITORY, licence=doc.licence, found_by=SERVICE),
    )


def _quoted(value: str) -> str:
    return '"' + _SYNTAX.sub(r"\\\1", value) + '"'


def _phrase(text: str) -> str:
    return " ".join(_NOT_IN_PHRASES.sub(" ", plain_text(text)).split())


def _each(values: _Values) -> list[str]:
    listed = [values] if isinstance(values, str) else values or []
    return [" ".join(text.split()) for text in listed if text.strip()]
