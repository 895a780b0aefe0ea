"""The PDFs of works as attachments: copies in Zotero's storage, or links to the library's files."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from db.pushed import FOUND, Pushed, PushedBook
from dl_lit.app.zotero.library import Data, NoMoreFiles, ZoteroLibrary, md5_of
from dl_lit.app.zotero.plan import Step, Wish, again, created, is_settled
from dl_lit.app.zotero.report import PushReport
from dl_lit.app.zotero.sending import Sender
from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.zotero import Unheard

_PDF = "application/pdf"
TITLE = "Full Text PDF"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOfWork:
    """A work's PDF, and the item that it goes beneath."""

    work_id: int
    parent: str
    path: Path
    sha256: str
    is_parent_new: bool  # made by this push: nobody can have put a file there yet
    bring: Callable[[], object] = lambda: None  # sees to it that it is at `path`, where the library has it

    @property
    def thing(self) -> str:
        """How it is known."""
        return f"file:{self.work_id}"


class Attacher:
    """Sees to it that each item has its PDF, once."""

    def __init__(
        self,
        library: ZoteroLibrary,
        book: PushedBook,
        rng: random.Random,
        report: PushReport,
        *,
        is_linked: bool,
        again: bool,
        dry_run: bool,
    ) -> None:
        """`is_linked`: nothing is stored in Zotero, which is told where the library's file is."""
        self._library, self._book, self._rng, self._report = library, book, rng, report
        self._is_linked, self._again, self._dry_run = is_linked, again, dry_run
        self._sender = Sender(library, book, self._failed)

    def attach(self, files: Sequence[FileOfWork]) -> None:
        """Attach these files, or newer ones in the place of those that we attached."""
        known = self._book.of(one.thing for one in files)
        rows = {thing: row for thing, row in known.items() if not (row.is_found and self._again)}
        asked = [one for one in files if not self._is_settled(one, rows.get(one.thing))]
        self._report.files_unchanged += len(files) - len(asked)
        if not asked:
            return
        there = self._library.items(rows[one.thing].item_key for one in asked if one.thing in rows)
        new: list[Step] = []
        for one in asked:
            row = rows.get(one.thing)
            now = there.get(row.item_key) if row else None
            one.bring()
            if not one.path.is_file():
                self._report.fail_file(f"{one.path.name}: not in the library: dl-lit doctor tells more")
            elif row is not None and now is not None and not now.get("deleted"):
                self._renew(one, row, now)
            elif row is not None and not row.is_intended and not self._again:
                self._report.files_left += 1
            elif self._has_theirs(one):
                self._left_alone(one)
            elif not self._report.quota:
                key = row.item_key if row and row.is_intended and now is None else self._library.new_key(self._rng)
                new.append(created(self._wish(one), key))
        self._make(new, {one.thing: one for one in asked})

    def _is_settled(self, one: FileOfWork, row: Pushed | None) -> bool:
        if row is None or row.is_intended or self._again:
            return False
        if row.is_found or row.sent_hash.startswith(f"{one.sha256}:"):
            return True
        return self._is_linked and is_settled(self._wish(one), row)

    def _wish(self, one: FileOfWork) -> Wish:
        fields: dict[str, Any] = {
            "itemType": "attachment",
            "parentItem": one.parent,
            "linkMode": "linked_file" if self._is_linked else "imported_file",
            "title": TITLE,
            "contentType": _PDF,
        }
        if self._is_linked:
            fields["path"] = str(one.path)
        else:
            fields |= {"filename": one.path.name, "charset": ""}
        return Wish(thing=one.thing, fields=fields, has_place=False)

    def _has_theirs(self, one: FileOfWork) -> bool:
        """Whether the item has a PDF that is not from us."""
        if one.is_parent_new:
            return False
        return any(
            child.get("itemType") == "attachment" and child.get("contentType") == _PDF and not child.get("deleted")
            for child in self._library.children(one.parent)
        )

    def _left_alone(self, one: FileOfWork) -> None:
        self._report.files_left += 1
        if not self._dry_run:
            self._book.note([Pushed(thing=one.thing, item_key=one.parent, sent_hash=FOUND)])

    def _make(self, steps: Sequence[Step], files: dict[str, FileOfWork]) -> None:
        if self._dry_run:
            self._report.files_sent += len(steps)
            return
        done = self._sender.send(steps)
        if self._is_linked:
            self._report.files_sent += len(done)
            return
        arrived = self._library.items(step.key for step in done)
        for step in done:
            if (now := arrived.get(step.key)) is not None:
                self._upload(files[step.wish.thing], now, before=now.get("md5") or None)

    def _renew(self, one: FileOfWork, row: Pushed, now: Data) -> None:
        """The attachment is there: with no file yet, with ours of before, or with one that people put there."""
        md5 = now.get("md5") or None
        if self._is_linked:
            step = again(self._wish(one), row, now)
            if self._dry_run:
                self._report.files_sent += step.send is not None
            else:
                self._report.files_sent += len(self._sender.send([step]))
            return
        sent = row.sent_hash.partition(":")[2]  # "" until a file has arrived there
        if not sent and md5 is not None and md5 == md5_of(one.path):  # it arrived, though we never heard so
            self._report.files_unchanged += 1
            if not self._dry_run:
                self._book.note([replace(row, sent_hash=f"{one.sha256}:{md5}")])
        elif now.get("linkMode") != "imported_file" or md5 != (sent or None):
            self._left_alone_as(one, sent, row)
        elif row.sent_hash.startswith(f"{one.sha256}:"):
            self._report.files_unchanged += 1
        elif self._dry_run:
            self._report.files_sent += 1
        else:
            self._upload(one, now, before=md5)

    def _left_alone_as(self, one: FileOfWork, sent: str, row: Pushed) -> None:
        """There is another file, which people put there."""
        self._report.files_left += 1
        if not self._dry_run:
            self._book.note([replace(row, sent_hash=f"{one.sha256}:{sent or '-'}")])

    def _upload(self, one: FileOfWork, now: Data, *, before: str | None) -> None:
        if self._report.quota:
            self._take_back(one, now, before)
            return
        try:
            md5 = self._library.attach(now["key"], one.path, name=one.path.name, before=before)
        except NoMoreFiles as error:
            self._report.quota = str(error)
            self._take_back(one, now, before)
            return
        except OSError as error:
            self._report.fail_file(f"{one.path.name}: {error.strerror}")
            return
        except ServiceError as error:
            if isinstance(error, Unheard) or error.reason is not Reason.BAD_ANSWER:
                raise  # nobody is there, or wants to be asked now: the next file would fare no better
            self._report.fail_file(f"{one.path.name}: {error}")
            return
        if md5 is None:
            self._report.files_left += 1
            return
        row = Pushed(thing=one.thing, item_key=now["key"], version=None, sent_hash=f"{one.sha256}:{md5}")
        self._book.note([row])
        self._report.files_sent += 1

    def _take_back(self, one: FileOfWork, now: Data, before: str | None) -> None:
        """An attachment without its file is of no use to anybody."""
        self._report.fail_file(f"{one.path.name}: {self._report.quota}")
        if before is None:
            self._library.erase(now["key"], now["version"])
            self._book.forget([one.thing])

    def _failed(self, step: Step, says: str) -> None:
        self._report.fail_file(f"{step.wish.thing}: {says}")
