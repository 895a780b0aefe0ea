"""Pushing works into a library whose interface writes: lot by lot, each ended before the next begins."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from db.pushed import Pushed, PushedBook
from db.reading.exports import CitedWork
from dl_lit.app.zotero.attaching import Attacher, FileOfWork
from dl_lit.app.zotero.index import LibraryIndex, Match
from dl_lit.app.zotero.library import Data
from dl_lit.app.zotero.places import Places
from dl_lit.app.zotero.plan import Fate, Step, Wish, again, created, is_settled, linked
from dl_lit.app.zotero.report import PushReport
from dl_lit.app.zotero.sending import Sender
from dl_lit.app.zotero.target import Target
from dl_lit.core.values import dataclass
from dl_lit.exports.record import ExportRecord
from dl_lit.exports.zotero_item import ZoteroItem, item_type, zotero_item
from dl_lit.library.kept import Shelf
from dl_lit.settings.zotero import ZoteroSettings

Lot = Sequence[tuple[CitedWork, ExportRecord]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOptions:
    """How a push is made."""

    with_files: bool = True
    again: bool = False  # what people removed is put there once more
    dry_run: bool = False  # look at everything, change nothing
    shelf: Shelf | None = None  # the library, where files are to be had from it


class Pusher:
    """Pushes lots of works. What it does is in the report."""

    def __init__(
        self,
        target: Target,
        book: PushedBook,
        settings: ZoteroSettings,
        *,
        rng: random.Random,
        options: PushOptions,
        report: PushReport,
        tell: Callable[[str], object],
    ) -> None:
        """`tell` is told what takes long. Reads the library's collections."""
        self._library, self._book, self._settings = target.library, book, settings
        self._rng, self._options, self._report, self._tell = rng, options, report, tell
        self._index: LibraryIndex | None = None
        self._claimed: set[str] = set()
        self._made: dict[str, str] = {}  # keys of items of this push, by DOI
        self._sender = Sender(self._library, book, self._failed)
        if not options.dry_run:
            book.follow_merges()
        self._places = Places(
            self._library, book, rng, settings.collection, again=options.again, dry_run=options.dry_run
        )
        self._attacher = Attacher(
            *(self._library, book, rng, report),
            is_linked=settings.files == "linked",
            again=options.again,
            dry_run=options.dry_run,
        )
        self._with_files = options.with_files and settings.files != "none" and target.takes_files

    def push(self, lot: Lot) -> None:
        """Push some works, with their notes and files."""
        items = {
            f"work:{one.view.id}": zotero_item(
                record, self._library.fields_of(item_type(record.work)), self._settings.tag_prefix
            )
            for one, record in lot
        }
        collections = self._places.keys(_sources(one for one, _ in lot))
        self._report.collections = self._places.made
        wishes = [_wish(one, items[f"work:{one.view.id}"], collections) for one, _ in lot]
        rows = self._book.of(wish.thing for wish in wishes)
        steps, settled, shared = self._steps(lot, wishes, rows)
        done = steps if self._options.dry_run else self._sender.send(steps)
        self._share(shared)
        fates = Counter(step.fate for step in done)
        self._report.works += len(lot)
        self._report.created += fates[Fate.CREATED]
        self._report.updated += fates[Fate.UPDATED]
        self._report.linked += fates[Fate.LINKED]
        self._report.removed += fates[Fate.REMOVED]
        self._report.unchanged += len(settled) + fates[Fate.UNCHANGED]
        present = {step.wish.thing: step for step in done if step.fate is not Fate.REMOVED}
        parents = {**{thing: rows[thing].item_key for thing in settled}, **{t: s.key for t, s in present.items()}}
        ours = {thing for thing in settled if not rows[thing].is_found} | {t for t, s in present.items() if s.is_ours}
        new = {thing for thing, step in present.items() if step.fate is Fate.CREATED}
        if self._settings.notes:
            self._notes({thing: (parents[thing], items[thing].note) for thing in parents if thing in ours})
        if self._with_files:
            self._attacher.attach(_files(self._options.shelf, lot, parents, new))

    def _steps(
        self, lot: Lot, wishes: Sequence[Wish], rows: Mapping[str, Pushed]
    ) -> tuple[list[Step], list[str], list[tuple[Wish, str]]]:
        """What to do about each work; those about which nothing is to be done; those whose item is another's."""
        force = self._options.again
        settled = [w.thing for w in wishes if not force and w.thing in rows and is_settled(w, rows[w.thing])]
        asked = [w for w in wishes if w.thing not in set(settled)]
        there = self._library.items(rows[w.thing].item_key for w in asked if w.thing in rows)
        works = {f"work:{one.view.id}": record.work for one, record in lot}
        steps: list[Step] = []
        unknown: list[tuple[Wish, str]] = []  # and the key that it is to have
        for wish in asked:
            row = rows.get(wish.thing)
            now = there.get(row.item_key) if row else None
            if row is not None and now is not None and not now.get("deleted"):
                steps.append(again(wish, row, now))
            elif row is not None and row.is_intended and now is None:
                unknown.append((wish, row.item_key))
            elif row is None or force:
                unknown.append((wish, self._library.new_key(self._rng)))
            else:
                steps.append(Step(wish=wish, fate=Fate.REMOVED, key=row.item_key))
        found = self._found({wish.thing: list(self._there().find(works[wish.thing])) for wish, _ in unknown})
        shared: list[tuple[Wish, str]] = []
        for wish, key in unknown:
            doi = works[wish.thing].doi
            match, others = found.get(wish.thing, (None, self._made.get(doi or "")))
            if others is not None:
                shared.append((wish, others))
                continue
            steps.append(created(wish, key) if match is None else linked(wish, match))
            if doi:
                self._made.setdefault(doi, steps[-1].key)
        return steps, settled, shared

    def _found(self, candidates: Mapping[str, Sequence[Match]]) -> dict[str, tuple[Data | None, str | None]]:
        """The item that each work is; or the key of the one that is surely it, but another work's already."""
        keys = [match.key for some in candidates.values() for match in some]
        if not keys:
            return {}
        taken = self._book.works_at(keys)
        items = self._library.items(keys)
        found: dict[str, tuple[Data | None, str | None]] = {}
        for thing, some in candidates.items():
            for match in some:
                if match.key not in items or items[match.key].get("deleted"):
                    continue
                if taken.get(match.key, thing) == thing and match.key not in self._claimed:
                    found[thing] = (items[match.key], None)
                    self._claimed.add(match.key)
                    break
                if match.is_sure:
                    found[thing] = (None, match.key)
                    break
        return found

    def _share(self, shared: Sequence[tuple[Wish, str]]) -> None:
        """Two works that are one, though nobody has joined them yet: the second only adds its collections."""
        wishes = {
            wish.thing: (
                Wish(thing=wish.thing.replace("work:", "share:"), fields={}, collections=wish.collections),
                key,
            )
            for wish, key in shared
        }
        rows = self._book.of(wish.thing for wish, _ in wishes.values())
        there = self._library.items(key for _, key in wishes.values())
        steps: list[Step] = []
        for wish, key in wishes.values():
            row, now = rows.get(wish.thing), there.get(key)
            if now is not None and not now.get("deleted"):
                steps.append(linked(wish, now) if row is None or row.item_key != key else again(wish, row, now))
        self._report.linked += len(shared)
        if not self._options.dry_run:
            self._sender.send(steps)

    def _there(self) -> LibraryIndex:
        """What stands in the library, read when it is first asked about."""
        if self._index is None:
            self._tell("reading what stands in the library")
            self._index = LibraryIndex()
            self._index.read(self._library.top_items())
        return self._index

    def _notes(self, notes: Mapping[str, tuple[str, str]]) -> None:
        """Put, change or take back the notes: by work the key of its item, and the text."""
        wishes = {
            thing: Wish(
                thing=thing.replace("work:", "note:"),
                fields={"itemType": "note", "parentItem": parent, "note": text},
                has_place=False,
            )
            for thing, (parent, text) in notes.items()
        }
        rows = self._book.of(wish.thing for wish in wishes.values())
        asked = [
            wish
            for wish in wishes.values()
            if (wish.fields["note"] if wish.thing not in rows else not is_settled(wish, rows[wish.thing]))
        ]
        there = self._library.items(rows[wish.thing].item_key for wish in asked if wish.thing in rows)
        steps: list[Step] = []
        for wish in asked:
            row = rows.get(wish.thing)
            now = there.get(row.item_key) if row else None
            if row is None:
                steps.append(created(wish, self._library.new_key(self._rng)))
            elif now is None and row.is_intended and wish.fields["note"]:
                steps.append(created(wish, row.item_key))
            elif now is not None and not now.get("deleted"):
                step = again(wish, row, now)
                if wish.fields["note"] or "note" not in (step.send or {}):
                    steps.append(step)
                else:
                    self._take_back(step, now)
        self._report.notes += sum(step.send is not None for step in steps)
        if not self._options.dry_run:
            self._sender.send(steps)

    def _take_back(self, step: Step, now: Data) -> None:
        """There is nothing to say any more, and nobody has written into the note."""
        self._report.notes += 1
        if not self._options.dry_run:
            self._library.erase(step.key, now["version"])
            self._book.forget([step.wish.thing])

    def _failed(self, step: Step, says: str) -> None:
        self._report.fail(f"{step.wish.fields.get('title') or step.wish.thing}: {says}")


def _wish(one: CitedWork, item: ZoteroItem, collections: Mapping[int, str]) -> Wish:
    keys = dict.fromkeys(collections[c.source_id] for c in one.citations if c.source_id in collections)
    return Wish(
        thing=f"work:{one.view.id}",
        fields={"itemType": item.type, **item.fields},
        tags=item.tags,
        collections=tuple(keys),
    )


def _sources(works: Iterable[CitedWork]) -> dict[int, str]:
    """The sources that cite the works, by the names of their files."""
    return {citation.source_id: Path(citation.source_path).stem for one in works for citation in one.citations}


def _files(shelf: Shelf | None, lot: Lot, parents: Mapping[str, str], new: set[str]) -> list[FileOfWork]:
    found = []
    for one, record in lot:
        thing, file = f"work:{one.view.id}", one.view.file
        if shelf is not None and file is not None and record.file is not None and thing in parents:
            found.append(
                FileOfWork(
                    work_id=one.view.id,
                    parent=parents[thing],
                    path=shelf.stand_in(file.path, file.sha256).resolve(),
                    sha256=file.sha256,
                    is_parent_new=thing in new,
                    bring=partial(shelf.local, file.path, file.sha256),
                )
            )
    return found
