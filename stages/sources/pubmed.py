"""PubMed: citations matched by journal, year, volume, page and author, many at once; records by PubMed identifiers.

Read 2026-11-23: https://www.ncbi.nlm.nih.gov/books/NBK25499/ (ECitMatch, ESummary),
https://www.ncbi.nlm.nih.gov/books/NBK25497/ (limits; 200 identifiers to a GET).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_doi, normalise_isbn, normalise_pmcid, normalise_pmid
from dl_lit.core.model import Alias, Name, Notice, Reference, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import LookUp, decode, in_batches, list_body, look_up, text_of
from stages.sources.coordinates import Coordinates, coordinates_of
from stages.sources.medline import NOTICE_OF, NOTICES
from stages.sources.names import LANGUAGES, initialled

SERVICE = "pubmed"
BATCH = 200
MATCH_BATCH = 50
URL_BYTES = 3_400

_SEPARATES = re.compile(r"[|\s]+")
_PUNCTUATION = re.compile(r"[.,;:()\[\]\"]+")
_YEAR = re.compile(r"(1[5-9]\d\d|20\d\d)")
_TYPES = {
    "preprint": WorkType.ARTICLE,
    "book": WorkType.BOOK,
    "chapter": WorkType.CHAPTER,
    "dataset": WorkType.DATASET,
    "technical report": WorkType.REPORT,
}


class _Author(msgspec.Struct):
    name: str | None = None
    authtype: str | None = None


class _Id(msgspec.Struct):
    idtype: str | None = None
    value: str | None = None


class _Link(msgspec.Struct):
    reftype: str | None = None


class _Summary(msgspec.Struct):
    uid: str | None = None
    error: str | None = None
    title: str | None = None
    vernaculartitle: str | None = None
    authors: list[_Author] | None = None
    pubdate: str | None = None
    sortpubdate: str | None = None
    source: str | None = None
    fulljournalname: str | None = None
    booktitle: str | None = None
    publishername: str | None = None
    volume: str | int | float | None = None
    issue: str | int | float | None = None
    pages: str | int | float | None = None
    elocationid: str | None = None
    lang: list[str] | None = None
    pubtype: list[str] | None = None
    doctype: str | None = None
    articleids: list[_Id] | None = None
    references: list[_Link] | None = None


_known = msgspec.json.Decoder(_Summary)  # `convert` meets it in many threads: see `stages.answers`


class _Answer(msgspec.Struct):
    result: dict[str, Any] | None = None
    error: str | None = None
    esummaryresult: list[str] | None = None


def parse(body: bytes) -> list[Work]:
    """Read the works of an ESummary, unknown ones left out. Raises `ServiceError`, also for an error inside a 200."""
    answer = decode(body, _Answer, SERVICE)
    if answer.result is None:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, answer.error or str(answer.esummaryresult or "no result"))
    works = []
    for name, record in answer.result.items():
        if name == "uids":
            continue
        try:
            summary = msgspec.convert(record, _Summary, strict=False)
        except msgspec.ValidationError:
            continue
        work = _work(summary)
        if work:
            works.append(work)
    return works


def parse_matches(body: bytes) -> dict[str, str | None]:
    """Read an ECitMatch: the PubMed identifier by our key, `None` where there is none or several. Never raises."""
    found: dict[str, str | None] = {}
    for line in body.decode("utf-8", "replace").splitlines():
        fields = line.strip().split("|")
        if len(fields) >= 7:
            found[fields[5].strip()] = normalise_pmid(fields[6])  # NOT_FOUND;..., AMBIGUOUS ... are no identifiers
    return found


def by_pmids(calls: ServiceCalls, pmids: Sequence[str]) -> LookUp:
    """Look PubMed identifiers up, 200 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        params = [("db", "pubmed"), ("id", ",".join(batch)), ("retmode", "json")]
        works = parse(list_body(calls.get(SERVICE, "/esummary.fcgi", params), SERVICE))
        return {work.pmid: work for work in works if work.pmid in set(batch)}

    return look_up([pmid for pmid in pmids if pmid.isdigit()], BATCH, URL_BYTES, ask, service=SERVICE)


def by_coordinates(calls: ServiceCalls, references: Sequence[Reference]) -> LookUp:
    """Look entries up by journal, year, volume, first page and author: 50 to a match, then the records found."""
    lines = {reference.raw: _line(place) for reference in references if (place := coordinates_of(reference))}
    raws: dict[str, list[str]] = {}
    for raw, line in lines.items():
        raws.setdefault(line, []).append(raw)

    def ask(batch: Sequence[str]) -> Mapping[str, str]:
        keyed = {f"r{number}": line for number, line in enumerate(batch)}
        data = "\r".join(f"{line}{key}|" for key, line in keyed.items())
        params = [("db", "pubmed"), ("retmode", "xml"), ("bdata", data)]
        matches = parse_matches(list_body(calls.get(SERVICE, "/ecitmatch.cgi", params), SERVICE))
        if not matches.keys() >= keyed.keys():
            raise ServiceError(SERVICE, Reason.BAD_ANSWER, f"{len(matches)} lines for {len(batch)} citations")
        return {line: pmid for key, line in keyed.items() if (pmid := matches[key])}

    pmids, unmatched = in_batches(list(raws), MATCH_BATCH, URL_BYTES, ask, service=SERVICE)
    found = by_pmids(calls, list(dict.fromkeys(pmids.values())))
    unanswered = {
        **unmatched,
        **{line: found.unanswered[one] for line, one in pmids.items() if one in found.unanswered},
    }
    return LookUp(
        {raw: found.works[pmid] for line, pmid in pmids.items() if pmid in found.works for raw in raws[line]},
        {raw: error for line, error in unanswered.items() for raw in raws[line]},
        frozenset(one.raw for one in references) - lines.keys(),
    )


def _line(place: Coordinates) -> str:
    """`journal|year|volume|first page|author|`, without what separates fields and lines."""
    journal = _PUNCTUATION.sub(" ", place.journal.replace("&", " and "))
    fields = [journal, str(place.year or ""), place.volume, place.first_page, _author(place.author)]
    return "|".join(_SEPARATES.sub(" ", one).strip().lower() for one in fields) + "|"


def _author(name: Name | None) -> str:
    if name is None:
        return ""
    initials = "".join(part[0] for part in re.split(r"[\s.\-]+", name.given or "") if part)
    return _PUNCTUATION.sub(" ", f"{name.sort_key} {initials}")


def _work(one: _Summary) -> Work | None:
    title = plain_text(one.title or "").removesuffix(".")
    if title.startswith("[") and title.endswith("]"):  # PubMed's way of marking a translated title
        title = title[1:-1].removesuffix(".")
    if one.error or not title:
        return None
    ids = {(item.idtype or "").lower(): item.value for item in one.articleids or []}
    kinds = {kind.lower() for kind in one.pubtype or []}
    links = [(link.reftype or "").strip().lower() for link in one.references or []]
    vernacular = plain_text(one.vernaculartitle or "").removesuffix(".")
    language = LANGUAGES.get((one.lang or [""])[0].lower())
    year = _YEAR.match(one.pubdate or "") or _YEAR.match(one.sortpubdate or "")
    return Work(
        title=title,
        type=_type(one, kinds),
        authors=tuple(_people(one.authors or [])),
        year=int(year[1]) if year else None,
        container_title=one.fulljournalname or one.booktitle or one.source or None,
        publisher=one.publishername or None,
        volume=text_of(one.volume),
        issue=text_of(one.issue),
        pages=text_of(one.pages),
        doi=normalise_doi(ids.get("doi")) or normalise_doi(one.elocationid),
        pmid=normalise_pmid(one.uid),
        pmcid=normalise_pmcid(ids.get("pmc") or ids.get("pmcid")),
        isbn=normalise_isbn(ids.get("isbn")),
        language=language,
        is_retracted="retracted publication" in kinds,
        notices=tuple(Notice(kind=NOTICES[link], source=SERVICE) for link in links if link in NOTICES),
        notice_of=tuple(Notice(kind=NOTICE_OF[link], source=SERVICE) for link in links if link in NOTICE_OF),
        aliases=(Alias(title=vernacular, language=language),) if vernacular and vernacular != title else (),
        metadata_source=SERVICE,
    )


def _type(one: _Summary, kinds: set[str]) -> WorkType:
    for name, kind in _TYPES.items():
        if name in kinds or one.doctype == name:
            return kind
    return WorkType.ARTICLE_JOURNAL if one.source or one.fulljournalname else WorkType.DOCUMENT


def _people(authors: Sequence[_Author]) -> list[Name]:
    people = []
    for one in authors:
        if one.name and one.name.strip():
            is_body = one.authtype == "CollectiveName"
            people.append(Name(literal=one.name.strip()) if is_body else initialled(one.name))
    return people
