"""JSON Lines with everything the library knows of a work, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from dl_lit.core.controls import json_shown
from dl_lit.exports.record import ExportRecord
from dl_lit.exports.standing import standing

SCHEMA = "dl-lit/record/1"


def jsonl(records: Iterable[ExportRecord]) -> Iterator[str]:
    """One line a record, in their order; nothing that is unknown is left out, it is null."""
    for record in records:
        yield json_shown(json.dumps(record_object(record), ensure_ascii=False)) + "\n"


def record_object(record: ExportRecord) -> dict[str, Any]:
    """One record as plain JSON values; `work` has the names of `core.model.Work`."""
    return {
        "schema": SCHEMA,
        "key": record.key,
        "former_keys": list(record.former_keys),
        "state": record.state.value,
        "reason": record.reason.value if record.reason else None,
        "file": record.file,
        "sources": list(record.sources),
        "contexts": [{"source": source, **place} for source, places in record.contexts for place in json.loads(places)],
        "notes": list(record.notes),
        "standing": list(standing(record.work)),
        "relatives": [asdict(one) for one in record.relatives],
        "work": asdict(record.work),
    }
