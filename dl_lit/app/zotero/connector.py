"""Pushing into Zotero 7 to 9, whose local interface only reads: items come in as the browser's connector brings them.

As in zotero/zotero, chrome/content/zotero/xpcom/server/server_connector.js and saveSession.js (read 2026-11-23): items
are saved where the program's window stands and moved from there, tags become automatic ones, PDFs are stored copies.
What is there cannot be changed, and no collection made: those that people made by the names of sources are used.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from db.pushed import FOUND, Pushed, PushedBook
from db.reading.exports import CitedWork
from dl_lit.app.zotero.attaching import TITLE
from dl_lit.app.zotero.index import LibraryIndex
from dl_lit.app.zotero.pushing import Lot, PushOptions
from dl_lit.app.zotero.report import PushReport
from dl_lit.app.zotero.target import Target
from dl_lit.core.errors import DlLitError, NeedsConfiguration, ServiceError
from dl_lit.core.model import Work
from dl_lit.core.reasons import Reason
from dl_lit.exports.record import ExportRecord
from dl_lit.exports.zotero_item import ZoteroItem, item_type, zotero_item
from dl_lit.net.zotero import ZoteroAnswer, ZoteroLine
from dl_lit.settings.zotero import ZoteroSettings

_SENT = "connector"  # `sent_hash`: nothing of it can be changed, so nothing need be compared
_READ_BACK = 25  # items more than were saved: others may come in at the same moment


class ConnectorPusher:
    """Pushes lots of works. What it does is in the report."""

    def __init__(
        self,
        target: Target,
        line: ZoteroLine,
        book: PushedBook,
        settings: ZoteroSettings,
        *,
        rng: random.Random,
        options: PushOptions,
        report: PushReport,
    ) -> None:
        """Read what stands in the library, and which collections there are."""
        self._library, self._line, self._book, self._settings = target.library, line, book, settings
        self._rng, self._options, self._report = rng, options, report
        self._shelf = options.shelf if options.with_files and settings.files != "none" else None
        if target.is_group:
            raise NeedsConfiguration(
                "Zotero 9 and older take new items into your own library only: set zotero.library to user"
            )
        self._root, self._places = self._targets()
        self._index = LibraryIndex()
        self._index.read(self._library.top_items())
        report.remark(
            "this Zotero takes new items alone: what is there is neither tagged nor changed, as Zotero 10 would have it"
        )

    def push(self, lot: Lot) -> None:
        """Push some works, with their notes and files."""
        self._report.works += len(lot)
        rows = self._book.of(f"work:{one.view.id}" for one, _ in lot)
        new: dict[str, list[tuple[CitedWork, ExportRecord]]] = defaultdict(list)
        for one, record in lot:
            thing = f"work:{one.view.id}"
            if thing in rows:
                self._report.unchanged += 1
            elif (match := next(self._index.find(record.work), None)) is not None:
                self._report.linked += 1
                if not self._options.dry_run:
                    self._book.note([Pushed(thing=thing, item_key=match.key, sent_hash=FOUND)])
            else:
                new[self._place_of(one)].append((one, record))
        for place, some in new.items():
            self._report.created += len(some)
            if not self._options.dry_run:
                self._save(place, some)

    def _save(self, place: str, some: Lot) -> None:
        session = "".join(self._rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=16))
        items = [
            _as_saved(
                one.view.id,
                zotero_item(record, self._library.fields_of(item_type(record.work)), self._settings.tag_prefix),
                with_note=self._settings.notes,
            )
            for one, record in some
        ]
        self._ask("/connector/saveItems", {"sessionID": session, "uri": "", "items": items}, 201)
        self._ask("/connector/updateSession", {"sessionID": session, "target": place}, 200)
        self._read_back({f"work:{one.view.id}": record.work for one, record in some})
        for one, record in some:
            if self._shelf is not None and one.view.file is not None and record.file is not None:
                self._attach(session, one.view.id, self._shelf.local(one.view.file.path, one.view.file.sha256))

    def _read_back(self, works: Mapping[str, Work]) -> None:
        """Learn the keys of what was saved, which nobody tells."""
        items = self._library.newest(len(works) + _READ_BACK)
        newest = LibraryIndex()
        newest.read(items)
        rows = []
        for thing, work in works.items():
            key = next((match.key for match in newest.find(work)), None)
            if key is None:  # without year or author: what has just come with this title is it
                key = next((str(one["key"]) for one in items if one.get("title") == work.title), None)
            if key is not None:
                rows.append(Pushed(thing=thing, item_key=key, sent_hash=_SENT))
        self._book.note(rows)

    def _attach(self, session: str, work_id: int, file: Path) -> None:
        about = {
            "parentItemID": str(work_id),
            "title": TITLE,
            "url": file.as_uri(),
            "contentType": "application/pdf",
        }
        try:
            answer = self._line.send_file(
                f"/connector/saveAttachment?sessionID={session}",
                file,
                content_type="application/pdf",
                also={"X-Metadata": json.dumps(about)},
            )
        except (DlLitError, OSError) as error:
            self._report.fail_file(f"{file.name}: {error}")
            return
        if answer.status == 201:
            self._report.files_sent += 1
        else:
            self._report.fail_file(f"{file.name}: {answer.status} {answer.says}")

    def _place_of(self, one: CitedWork) -> str:
        """The collection of the first source that has one; else the library."""
        names = (Path(citation.source_path).stem for citation in one.citations)
        return next((self._places[name] for name in names if name in self._places), self._root)

    def _targets(self) -> tuple[str, dict[str, str]]:
        """The own library, and the collections beneath ours, by name."""
        told = _object(self._ask("/connector/getSelectedCollection", {}, 200))
        targets: Sequence[dict[str, Any]] = told.get("targets") or ()
        own = [place for place, one in enumerate(targets) if one.get("level") == 0]
        if not own:
            raise NeedsConfiguration("this Zotero has no library that can be written to")
        end = own[1] if len(own) > 1 else len(targets)
        places: dict[str, str] = {}
        is_within = False
        for one in targets[own[0] + 1 : end]:
            if one.get("level") == 1:
                is_within = one.get("name") == self._settings.collection
            elif is_within:
                places.setdefault(str(one.get("name")), str(one.get("id")))
        return str(targets[own[0]]["id"]), places

    def _ask(self, path: str, body: Mapping[str, Any], wanted: int) -> ZoteroAnswer:
        headers = {"Content-Type": "application/json", "X-Zotero-Connector-API-Version": "3"}
        answer = self._line.ask("POST", path, body=json.dumps(body).encode(), headers=headers)
        if answer.status != wanted:
            raise ServiceError("zotero", Reason.BAD_ANSWER, f"{path}: HTTP {answer.status} {answer.says}")
        return answer


def _as_saved(work_id: int, item: ZoteroItem, *, with_note: bool) -> dict[str, Any]:
    """An item as translators have it."""
    return {
        "id": str(work_id),
        "itemType": item.type,
        **{name: value for name, value in item.fields.items() if value},
        "tags": list(item.tags),
        "notes": [{"note": item.note}] if item.note and with_note else [],
        "attachments": [],
    }


def _object(answer: ZoteroAnswer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise ServiceError("zotero", Reason.BAD_ANSWER, "no JSON") from error
    return found if isinstance(found, dict) else {}
