"""A work as the item that Zotero's interfaces take: fields by item type, people, tags, and a note.

Types, fields and creators as in Zotero's schema (https://api.zotero.org/schema, version 44, and
https://www.zotero.org/support/dev/web_api/v3/types_and_fields, read 2026-11-23). Versions of Zotero differ in which
types have a DOI or a publisher: what the one at hand has no field for goes into `extra`, which Zotero reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from xml.sax.saxutils import escape

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.values import dataclass
from dl_lit.exports.record import ExportRecord, ItemState, notes_of, one_line
from dl_lit.exports.rich.markup import marked
from dl_lit.exports.rich.text import plain
from dl_lit.exports.standing import is_withdrawn
from dl_lit.exports.zotero_rdf import ITEM_TYPES, extra_lines

_CONTAINER = {
    WorkType.ARTICLE_JOURNAL: "publicationTitle",
    WorkType.BOOK: "series",
    WorkType.CHAPTER: "bookTitle",
    WorkType.PAPER_CONFERENCE: "proceedingsTitle",
    WorkType.REPORT: "seriesTitle",
    WorkType.SOFTWARE: "seriesTitle",
    WorkType.WEBPAGE: "websiteTitle",
}
_PUBLISHER = {
    WorkType.THESIS: "university",
    WorkType.REPORT: "institution",
    WorkType.ARTICLE: "repository",
    WorkType.DATASET: "repository",
    WorkType.SOFTWARE: "company",
}
_ISSUE = {WorkType.REPORT: "reportNumber", WorkType.BOOK: "seriesNumber"}
_WITH_EDITORS = frozenset(
    {
        *(WorkType.ARTICLE_JOURNAL, WorkType.BOOK, WorkType.CHAPTER, WorkType.PAPER_CONFERENCE),
        *(WorkType.ARTICLE, WorkType.DOCUMENT),
    }
)
_LONGEST = 30_000  # characters of a field: zotero.org refuses items with fields much longer
_AUTOMATIC = 1  # a tag that no person gave: Zotero can hide these


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoteroItem:
    """What is sent of one work, its place and its children aside."""

    type: str
    fields: dict[str, Any]  # by Zotero's names, `creators` included; empty texts for what nothing is known of
    tags: tuple[str, ...]
    note: str  # HTML; "" where there is nothing to say


def item_type(work: Work) -> str:
    """Zotero's name of the work's type."""
    return ITEM_TYPES[work.type]


def zotero_item(record: ExportRecord, known: Collection[str], prefix: str) -> ZoteroItem:
    """The record as an item; `known` are the fields that this Zotero has for the type, `prefix` begins our tags."""
    work = record.work
    fields: dict[str, Any] = {"creators": list(_creators(work))}
    extra = list(extra_lines(record))
    for name, label, value in _values(work):
        if name in known:
            fields[name] = value
        elif value and label:
            extra.append(f"{label}: {value}")
    fields["extra"] = "\n".join(extra)
    tags = tuple(f"{prefix}{tag}" for tag in _states(record))
    return ZoteroItem(type=item_type(work), fields=fields, tags=tags, note=_note(record))


def tag_objects(tags: Collection[str]) -> list[dict[str, Any]]:
    """Tags of ours as Zotero takes them."""
    return [{"tag": tag, "type": _AUTOMATIC} for tag in tags]


def _values(work: Work) -> Iterator[tuple[str, str, str]]:
    """Field, the name it has in `extra` ("" where it is left out there), and value."""
    is_preprint = work.type is WorkType.ARTICLE
    arxiv = work.arxiv_id if is_preprint else None
    yield "title", "", marked(work.title)[:_LONGEST]
    yield "abstractNote", "", plain(work.abstract or "")[:_LONGEST]
    yield "date", "issued", str(work.year or "")
    yield "language", "", work.language or ""
    yield _CONTAINER.get(work.type, ""), "container-title", marked(work.container_title or "")
    publisher = plain(work.publisher or "") or ("arXiv" if arxiv else "")
    yield _PUBLISHER.get(work.type, "publisher"), "publisher", publisher
    yield "volume", "volume", plain(work.volume or "")
    yield _ISSUE.get(work.type, "issue"), "issue", plain(work.issue or "")
    yield "pages", "page", plain(work.pages or "")
    yield "DOI", "DOI", work.doi or ""
    yield "ISBN", "ISBN", work.isbn or ""
    yield "url", "URL", work.url or ""
    yield "archiveID", "arXiv", f"arXiv:{arxiv}" if arxiv else ""


def _creators(work: Work) -> Iterator[dict[str, str]]:
    author = "programmer" if work.type is WorkType.SOFTWARE else "author"
    editor = "editor" if work.type in _WITH_EDITORS else "contributor"
    for kind, names in ((author, work.authors), (editor, work.editors)):
        yield from ({"creatorType": kind, **shown} for shown in map(_name, names) if shown)


def _name(name: Name) -> dict[str, str]:
    """A person in two fields, a body (or half a person) in one."""
    family, given = plain(name.sort_key), plain(name.given or "")
    if name.family and given:
        return {"firstName": given, "lastName": family}
    return {"name": family or given} if family or given else {}


def _states(record: ExportRecord) -> Iterator[str]:
    yield record.state.value
    if record.reason is not None and record.state is not ItemState.WAITING and record.file is None:
        yield record.reason.value
    if is_withdrawn(record.work):
        yield "retracted"


def _note(record: ExportRecord) -> str:
    """What every reader must see, and why there is no PDF."""
    said = list(notes_of(record))
    if record.state is ItemState.FAILED and record.reason is not None:
        again = f"; looked for again on {record.look_again.isoformat()}" if record.look_again else ""
        said.append(f"No PDF: {record.reason.value}{again}")
    if not said:
        return ""
    lines = "".join(f"<p>{escape(one_line(line))}</p>" for line in said)
    return f"<p><strong>dl_lit</strong></p>{lines}"
