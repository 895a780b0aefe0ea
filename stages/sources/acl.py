"""The ACL Anthology: papers of computational linguistics, one BibTeX file each, by the identifier in their DOI.

There is no search. Read 2026-11-23: https://aclanthology.org/info/ids/ (identifiers), https://aclanthology.org/faq/
(`/{ID}.bib`, DOIs).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_doi, normalise_isbn
from dl_lit.core.model import HostType, Location, Name, Version, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.volume_and_pages import tidy_pages
from stages.answers import NOT_FOUND, LookUp, look_up
from stages.sources.names import person

SERVICE = "acl"

_PREFIXES = ("10.18653/v1/", "10.3115/v1/")
_OLD_ID = re.compile(r"[a-z]\d{2}-\d{4}", re.IGNORECASE)  # "N04-1001": the letter is a capital
_NEW_ID = re.compile(r"\d{4}\.[a-z0-9_]+-[a-z0-9_]+\.\d{1,5}")  # "2021.naacl-main.208": small letters
_ADDRESS = re.compile(r"(https?://[^/\s]+/([\w.-]+?))(?:\.pdf)?/?")
_TYPES = {
    "article": WorkType.ARTICLE_JOURNAL,
    "inproceedings": WorkType.PAPER_CONFERENCE,
    "proceedings": WorkType.BOOK,
    "book": WorkType.BOOK,
    "incollection": WorkType.CHAPTER,
    "phdthesis": WorkType.THESIS,
}
_BRACES = re.compile(r"[{}]")
_YEAR = re.compile(r"\d{4}")


def acl_id(doi: str) -> str | None:
    """The Anthology's identifier that a DOI of its prefixes stands for; `None` for other DOIs."""
    for prefix in _PREFIXES:
        if doi.startswith(prefix):
            name = doi.removeprefix(prefix)
            if _OLD_ID.fullmatch(name):
                return name.upper()
            return name if _NEW_ID.fullmatch(name) else None
    return None


def parse(body: bytes) -> Work:
    """Read one BibTeX file. Raises `ServiceError` where it has no entry with a title."""
    kind, fields = _entry(body.decode("utf-8", "replace"))
    title = fields.get("title", "")
    if not title:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "no BibTeX entry with a title")
    doi = normalise_doi(fields.get("doi"))
    year = _YEAR.match(fields.get("year", ""))
    return Work(
        title=title,
        type=_TYPES.get(kind, WorkType.DOCUMENT),
        authors=_people(fields.get("author", "")),
        editors=_people(fields.get("editor", "")),
        year=int(year.group()) if year else None,
        container_title=fields.get("journal") or fields.get("booktitle"),
        publisher=fields.get("publisher"),
        volume=fields.get("volume"),
        issue=fields.get("number"),
        pages=tidy_pages(fields.get("pages")),
        doi=doi,
        isbn=normalise_isbn(fields.get("isbn")),
        url=fields.get("url"),
        abstract=fields.get("abstract"),
        metadata_source=SERVICE,
        locations=_locations(fields.get("url", ""), acl_id(doi) if doi else None),
    )


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs of the Anthology's prefixes up, one by one; others are not asked for."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        answer = calls.get(SERVICE, f"/{acl_id(batch[0])}.bib")
        if answer.status == NOT_FOUND:
            return {}
        work = parse(answer.body)
        return {batch[0]: work} if work.doi in {None, batch[0]} else {}

    ours = [doi for doi in dois if acl_id(doi)]
    return replace(look_up(ours, 1, 4_000, ask), not_asked=frozenset(dois) - set(ours))


def _entry(text: str) -> tuple[str, dict[str, str]]:
    """Kind and fields of the first entry, LaTeX decoded; empty where there is none."""
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415 - takes long to load, and few runs need it
    from bibtexparser.middlewares import LatexDecodingMiddleware  # noqa: PLC0415
    from bibtexparser.model import Entry  # noqa: PLC0415

    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    for entry in library.entries:
        if isinstance(entry, Entry):
            fields = {field.key.lower(): str(field.value) for field in entry.fields}
            plain = {name: " ".join(_BRACES.sub("", value).split()) for name, value in fields.items()}
            return entry.entry_type.lower(), {name: value for name, value in plain.items() if value}
    return "", {}


def _people(text: str) -> tuple[Name, ...]:
    return tuple(person(name) for name in re.split(r"\s+and\s+", text) if name.strip())


def _locations(url: str, identifier: str | None) -> tuple[Location, ...]:
    """The Anthology's own file, beside the page: everything in it is open."""
    address = _ADDRESS.fullmatch(url)
    if address is None or address.group(2) != identifier:
        return ()
    return (
        Location(
            url=f"{address.group(1)}.pdf",
            host_type=HostType.REPOSITORY,
            version=Version.PUBLISHED,
            found_by=SERVICE,
        ),
    )
