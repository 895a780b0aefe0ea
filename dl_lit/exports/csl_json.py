"""CSL-JSON, the language of citation processors (https://docs.citationstyles.org, schema 1.0.2).

It has no attachments. Names stay whole: Zotero drops particles and suffixes that stand in fields of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from dl_lit.core.controls import json_shown
from dl_lit.core.model import Name, WorkType
from dl_lit.exports.record import ExportRecord, notes_of
from dl_lit.exports.rich.markup import marked
from dl_lit.exports.rich.text import plain


def csl_json(records: Iterable[ExportRecord]) -> Iterator[str]:
    """The records as pieces of one JSON array, in their order."""
    before = "[\n"
    for record in records:
        yield before + json_shown(json.dumps(csl_item(record), ensure_ascii=False))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def csl_item(record: ExportRecord) -> dict[str, Any]:
    """One record as a CSL item; fields nothing is known of are left out."""
    work = record.work
    item: dict[str, Any] = {
        "id": record.key,
        "citation-key": record.key,
        "type": work.type.value,
        "title": marked(work.title),
        "author": [csl_name(name) for name in work.authors],
        "editor": [csl_name(name) for name in work.editors],
        "issued": {"date-parts": [[work.year]]} if work.year else None,
        "container-title": marked(work.container_title or ""),
        "publisher": plain(work.publisher or ""),
        "volume": plain(work.volume or ""),
        "issue": plain(work.issue or ""),
        "page": plain(work.pages or ""),
        "abstract": plain(work.abstract or ""),
        "language": work.language,
        "DOI": work.doi,
        "PMID": work.pmid,
        "PMCID": work.pmcid,
        "ISBN": work.isbn,
        "URL": work.url,
        "note": "; ".join(notes_of(record)),
    }
    if work.arxiv_id:
        item |= {"archive": "arXiv", "archive_location": work.arxiv_id}
        item |= {"genre": "Preprint"} if work.type is WorkType.ARTICLE else {}
    return {name: value for name, value in item.items() if value}


def csl_name(name: Name) -> dict[str, str]:
    """A person as family and given name, a body as a literal."""
    if name.family is None:
        return {"literal": plain(name.literal or name.given or "")}
    return {"family": plain(name.family)} | ({"given": plain(name.given)} if name.given else {})
