"""The collections: one at the top of the library, and beneath it one for each source."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db.pushed import FOUND, Pushed, PushedBook
from dl_lit.app.zotero.library import MOST_TOGETHER, ZoteroLibrary
from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.net.zotero import Unheard

_MADE = "1"  # `sent_hash` of a collection that we made
_TRIES = 3


class Places:
    """Knows and makes collections. What people removed is not made again, unless wished."""

    def __init__(
        self, library: ZoteroLibrary, book: PushedBook, rng: random.Random, root: str, *, again: bool, dry_run: bool
    ) -> None:
        """Read what there is; `root` is the name of the collection at the top."""
        self._library, self._book, self._rng = library, book, rng
        self._root, self._again, self._dry_run = root, again, dry_run
        self._there = {one["key"]: one for one in library.collections()}
        self._rows = {**book.of_kind("source"), **book.of_kind("root")}
        self.made = 0

    def keys(self, sources: Mapping[int, str]) -> dict[int, str]:
        """The collections of these sources (id: name); those that people removed are left out."""
        lacking = {id_: name for id_, name in sources.items() if self._lacks(f"source:{id_}")}
        if lacking:
            root = self._root_key()
            self._take({f"source:{id_}": name for id_, name in lacking.items()}, root)
        found = {id_: self._key(f"source:{id_}") for id_ in sources}
        return {id_: key for id_, key in found.items() if key is not None}

    def _lacks(self, thing: str) -> bool:
        """Whether a collection is to be found or made for it."""
        row = self._rows.get(thing)
        return row is None or (row.item_key not in self._there and (row.is_intended or self._again))

    def _key(self, thing: str) -> str | None:
        row = self._rows.get(thing)
        return row.item_key if row is not None and row.item_key in self._there else None

    def _root_key(self) -> str:
        """The collection at the top, made where there is none: a new one beneath it needs it."""
        thing = f"root:{self._root}"
        if self._key(thing) is None:
            self._take({thing: self._root}, None)
        return self._rows[thing].item_key

    def _take(self, wanted: Mapping[str, str], parent: str | None) -> None:
        """Find those by their names beneath `parent` (None: at the top), and make the others."""
        ours = {row.item_key for row in self._rows.values()}
        new: list[dict[str, Any]] = []
        rows: list[Pushed] = []
        for thing, name in wanted.items():
            key = self._named(name, parent, ours)
            if key is None:
                before = self._rows.get(thing)
                key = before.item_key if before and before.is_intended else self._library.new_key(self._rng)
                new.append({"key": key, "version": 0, "name": name, "parentCollection": parent or False})
                rows.append(Pushed(thing=thing, item_key=key))
            else:
                rows.append(Pushed(thing=thing, item_key=key, sent_hash=FOUND))
            ours.add(key)
        self.made += len(new)
        if not self._dry_run:
            self._book.note(rows)
            for place in range(0, len(new), MOST_TOGETHER):
                self._make(new[place : place + MOST_TOGETHER])
            rows = [replace(row, sent_hash=_MADE) if row.is_intended else row for row in rows]
            self._book.note(rows)
        self._there |= {one["key"]: one for one in new}
        self._rows |= {row.thing: row for row in rows}

    def _named(self, name: str, parent: str | None, ours: set[str]) -> str | None:
        for key, one in self._there.items():
            if one.get("name") == name and (one.get("parentCollection") or None) == parent and key not in ours:
                return str(key)
        return None

    def _make(self, new: list[dict[str, Any]]) -> None:
        for left in reversed(range(_TRIES)):
            try:
                written = self._library.write("collections", new)
            except Unheard:
                if not left:
                    raise
                continue
            refused = {place: said for place, said in written.failed.items() if said[0] != 412}  # 412: it has come
            if refused:
                code, says = next(iter(refused.values()))
                raise ServiceError("zotero", Reason.BAD_ANSWER, f"no collection could be made: {code} {says}")
            return
