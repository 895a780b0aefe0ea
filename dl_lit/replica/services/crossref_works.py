"""Crossref's work message, field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_lit.core.model import HostType
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.deposits import deposited
from dl_lit.replica.notices import notices_about
from dl_lit.replica.records import Cited, Record, Update, hash64

_LICENCES = {
    "cc-by": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-nc": "https://creativecommons.org/licenses/by-nc/4.0/",
    "cc-by-nc-nd": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
}

View = tuple[Catalogue, Record]


def publisher_name(record: Record) -> str:
    """The publisher as deposited, or one made up from the prefix."""
    return record.publisher or f"Publisher {record.prefix or 'unknown'}"


def _stamp(year: int, month: int, day: int) -> dict[str, Any]:
    """A moment in Crossref's three spellings."""
    days = (year - 1970) * 365 + (month - 1) * 30 + day
    return {
        "date-parts": [[year, month, day]],
        "date-time": f"{year:04d}-{month:02d}-{day:02d}T09:57:50Z",
        "timestamp": days * 86_400_000,
    }


def _issued(view: View) -> dict[str, Any]:
    catalogue, record = view
    if record.year is None:
        return {"date-parts": [[None]]}
    return {"date-parts": [[record.year, 1 + catalogue.number(record, "month", 12)]]}


def _authors(view: View) -> list[dict[str, Any]] | None:
    people = view[1].authors
    role = [{"role": "author", "vocabulary": "crossref"}]
    return [
        {
            **({"given": person.given, "family": person.family} if person.given else {"name": person.family}),
            "sequence": "additional" if number else "first",
            "affiliation": [],
            "role": role,
        }
        for number, person in enumerate(people)
    ] or None


def reference(cited: Cited) -> dict[str, str]:
    """One entry of `reference[]`: only what was deposited."""
    entry = {"key": cited.key}
    if cited.doi:
        entry |= {"doi-asserted-by": "publisher", "DOI": cited.doi}
    for name, value in (
        ("unstructured", cited.unstructured),
        ("article-title", cited.title),
        ("author", cited.author),
        ("year", cited.year),
        ("journal-title", cited.container),
        ("volume", cited.volume),
        ("first-page", cited.first_page),
    ):
        if value:
            entry[name] = value
    return entry


def _references(view: View) -> list[dict[str, str]] | None:
    return [reference(cited) for cited in deposited(*view)] or None


def _licences(view: View) -> list[dict[str, Any]] | None:
    catalogue, record = view
    access = catalogue.access(record)
    for copy in access.copies:
        if copy.host_type is HostType.PUBLISHER and copy.licence:
            start = _stamp(record.year or 2000, 1, 1)
            return [{"start": start, "content-version": "vor", "delay-in-days": 0, "URL": _LICENCES[copy.licence]}]
    return None


def _links(view: View) -> list[dict[str, str]] | None:
    catalogue, record = view
    base = catalogue.base(catalogue.access(record).publisher_site)
    return [
        {
            "URL": f"{base}/article/{record.position}/fulltext.pdf",
            "content-type": "application/pdf",
            "content-version": "vor",
            "intended-application": "similarity-checking",
        }
    ]


def _update(doi: str, update: Update) -> dict[str, Any]:
    """One entry of `updated-by` or `update-to`, about the work with this DOI."""
    parts = [int(part) for part in (update.date or "").split("-") if part.isdigit()]
    year, month, day = (*parts, 1, 1)[:3] if parts else (2000, 1, 1)
    return {
        "updated": _stamp(year, month, day),
        "DOI": doi,
        "type": update.type,
        "source": update.source,
        "label": update.type.replace("_", " ").capitalize(),
    }


def _updated_by(view: View) -> list[dict[str, Any]] | None:
    catalogue, record = view
    return [
        _update(notice.doi or "", update)
        for notice in notices_about(catalogue, record)
        for update in notice.updates
        if update.doi == record.doi
    ] or None


def _update_to(view: View) -> list[dict[str, Any]] | None:
    return [_update(update.doi, update) for update in view[1].updates] or None


def _journal_issue(view: View) -> dict[str, Any] | None:
    return {"issue": view[1].issue} if view[1].issue else None


def _resource(view: View) -> dict[str, Any]:
    catalogue, record = view
    base = catalogue.base(catalogue.access(record).publisher_site)
    return {"primary": {"URL": f"{base}/article/{record.position}"}}


def _always(value: Any) -> Callable[[View], Any]:
    """A field that is the same in every work here."""

    def same(view: View) -> Any:
        del view
        return value

    return same


# Fields whose value is None are left out, as Crossref does.
FIELDS: dict[str, Callable[[View], Any]] = {
    "indexed": lambda view: _stamp(2026, 9, 1 + view[0].number(view[1], "indexed", 28)),
    "reference-count": lambda view: len(deposited(*view)),
    "publisher": lambda view: publisher_name(view[1]),
    "issue": lambda view: view[1].issue,
    "license": _licences,
    "content-domain": _always({"domain": [], "crossmark-restriction": False}),
    "short-container-title": lambda view: [view[1].container] if view[1].container else None,
    "published-print": lambda view: _issued(view) if view[1].year else None,
    "abstract": lambda view: f"<jats:p>{view[1].abstract}</jats:p>" if view[1].abstract else None,
    "DOI": lambda view: view[1].doi,
    "type": lambda view: view[1].type,
    "created": lambda view: _stamp(max(2002, view[1].year or 2010), 4, 13),
    "page": lambda view: view[1].pages,
    "source": _always("Crossref"),
    "is-referenced-by-count": lambda view: view[0].number(view[1], "citations", 250),
    "title": lambda view: [view[1].title],
    "prefix": lambda view: view[1].prefix,
    "volume": lambda view: view[1].volume,
    "author": _authors,
    "member": lambda view: str(hash64(view[1].prefix) % 9999),
    "reference": _references,
    "updated-by": _updated_by,
    "update-to": _update_to,
    "container-title": lambda view: [view[1].container] if view[1].container else None,
    "language": lambda view: view[1].language or "en",
    "link": _links,
    "deposited": lambda view: _stamp(max(2002, view[1].year or 2010) + 1, 3, 9),
    "score": _always(1),
    "resource": _resource,
    "issued": _issued,
    "references-count": lambda view: len(deposited(*view)),
    "journal-issue": _journal_issue,
    "URL": lambda view: f"https://doi.org/{view[1].doi}",
    "relation": _always({}),
    "ISBN": lambda view: [view[1].isbn] if view[1].isbn else None,
    "published": lambda view: _issued(view) if view[1].year else None,
}

# What may be selected: the schema's fields apart from those Crossref's list lags behind on.
SELECTABLE = frozenset(
    {
        *FIELDS,
        "subtitle",
        "short-title",
        "original-title",
        "editor",
        "funder",
        "ISSN",
        "issn-type",
        "alternative-id",
        "archive",
        "assertion",
        "update-policy",
        "published-online",
        "posted",
        "accepted",
        "subject",
        "clinical-trial-number",
        "degree",
        "group-title",
        "article-number",
    }
) - {"language", "journal-issue", "source", "content-domain", "updated-by"}


def describe(catalogue: Catalogue, record: Record, select: tuple[str, ...] = (), score: float = 1) -> dict[str, Any]:
    """The work message with the selected fields, or all."""
    view = (catalogue, record)
    found = {name: FIELDS[name](view) for name in select or FIELDS if name in FIELDS}
    if "score" in found:
        found["score"] = score
    return {name: value for name, value in found.items() if value is not None}


def csl(catalogue: Catalogue, record: Record) -> dict[str, Any]:
    """The work as CSL JSON, from content negotiation: as the message, with titles as text."""
    found = describe(catalogue, record)
    found.pop("license", None)
    for name in ("title", "container-title"):
        if name in found:
            found[name] = found[name][0]
    return found


def bibtex(record: Record) -> str:
    """The work as BibTeX, from content negotiation."""
    people = " and ".join(f"{p.family}, {p.given}" if p.given else p.family for p in record.authors)
    key = f"{record.authors[0].family.split()[-1] if record.authors else 'Anonymous'}_{record.year or ''}"
    fields = [("title", record.title), ("DOI", record.doi), ("journal", record.container), ("author", people)]
    fields.append(("year", str(record.year) if record.year else None))
    body = ", ".join(f"{name}={{{value}}}" for name, value in fields if value)
    return f" @article{{{key}, {body} }}\n"


def citation(record: Record) -> str:
    """The work as one line of text, from content negotiation."""
    people = ", ".join(f"{person.family}, {(person.given or '')[:1]}." for person in record.authors)
    parts = [f"{people} ({record.year or 'n.d.'}).", f"{record.title}."]
    if record.container:
        parts.append(f"{record.container}, {record.volume or ''}.")
    return " ".join([*parts, f"https://doi.org/{record.doi}"]) + "\n"
