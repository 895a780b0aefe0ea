"""A compact index over records: bytes and sorted arrays, in memory or mapped from a folder of files.

Nothing is parsed until it is asked for: a universe of 350,000 records opens at once and costs the pages it touches.
"""

from __future__ import annotations

import json
import mmap
from array import array
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from dl_lit.replica.records import Record, hash64, record_from_json, words

INDEX_VERSION = 3  # part of the cache's key: raise it when the files' layout changes
_CACHED_RECORDS = 4096  # parsed records kept; one is some 2 KB

Numbers = Sequence[int]  # array('Q'), array('I') or a memoryview of a mapped file


class Index:
    """Records by position, by identifier and by word."""

    def __init__(
        self,
        *,
        lines: bytes | mmap.mmap,
        offsets: Numbers,
        id_hashes: Numbers,
        id_positions: Numbers,
        word_hashes: Numbers,
        word_starts: Numbers,
        postings: Numbers,
    ) -> None:
        """Use `build` or `open_folder`; the arrays belong together."""
        self._lines = lines
        self._offsets = offsets
        self._id_hashes = id_hashes
        self._id_positions = id_positions
        self._word_hashes = word_hashes
        self._word_starts = word_starts
        self._postings = postings
        self._parsed: OrderedDict[int, Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def record(self, position: int) -> Record:
        """The record at `position`; raises `IndexError` outside the universe."""
        if not 0 <= position < len(self):
            raise IndexError(position)
        found = self._parsed.get(position)
        if found is None:
            line = self._lines[self._offsets[position] : self._offsets[position + 1]]
            found = record_from_json(position, json.loads(line))
            self._parsed[position] = found
            if len(self._parsed) > _CACHED_RECORDS:
                self._parsed.popitem(last=False)
        return found

    def by_identifier(self, identifier: str) -> Record | None:
        """The record that has `identifier` (`doi:…`, `arxiv:…`, `pmid:…`, `pmcid:…`), or None."""
        wanted = hash64(identifier)
        place = bisect_left(self._id_hashes, wanted)
        if place == len(self._id_hashes) or self._id_hashes[place] != wanted:
            return None
        return self.record(self._id_positions[place])

    def postings(self, word: str) -> Numbers:
        """The positions of the records that contain `word` (folded), ascending."""
        wanted = hash64(word)
        place = bisect_left(self._word_hashes, wanted)
        if place == len(self._word_hashes) or self._word_hashes[place] != wanted:
            return ()
        return self._postings[self._word_starts[place] : self._word_starts[place + 1]]


def update_key(doi: str, number: int) -> str:
    """The identifier of the notice with this number, from 0, about the work with this DOI."""
    return f"update:{number}:{doi}"


def build(items: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """The parts of an index over `items` (JSON objects; those without a title are left out), by file name."""
    lines = bytearray()
    offsets = array("Q", [0])
    identifiers: dict[int, int] = {}
    occurrences: dict[str, array[int]] = {}
    updates: Counter[str] = Counter()
    position = 0
    for item in items:
        if not item.get("title"):
            continue
        record = record_from_json(position, item)
        lines += json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
        offsets.append(len(lines))
        for identifier in record.identifiers():
            identifiers.setdefault(hash64(identifier), position)
        for update in record.updates:
            identifiers[hash64(update_key(update.doi, updates[update.doi]))] = position
            updates[update.doi] += 1
        for word in set(words(record.search_text())):
            places = occurrences.get(word)
            if places is None:
                places = occurrences[word] = array("I")
            places.append(position)
        position += 1
    return {
        "records": bytes(lines),
        "offsets": offsets.tobytes(),
        **_identifier_parts(identifiers),
        **_word_parts(occurrences),
    }


def _identifier_parts(identifiers: dict[int, int]) -> dict[str, bytes]:
    ordered = sorted(identifiers)
    return {
        "id_hashes": array("Q", ordered).tobytes(),
        "id_positions": array("I", (identifiers[value] for value in ordered)).tobytes(),
    }


def _word_parts(occurrences: dict[str, array[int]]) -> dict[str, bytes]:
    by_hash = sorted((hash64(word), word) for word in occurrences)
    starts = array("I", [0])
    postings = array("I")
    for _, word in by_hash:
        postings.extend(occurrences[word])
        starts.append(len(postings))
    return {
        "word_hashes": array("Q", (value for value, _ in by_hash)).tobytes(),
        "word_starts": starts.tobytes(),
        "postings": postings.tobytes(),
    }


_FORMATS: dict[str, Literal["Q", "I"]] = {
    "offsets": "Q",
    "id_hashes": "Q",
    "id_positions": "I",
    "word_hashes": "Q",
    "word_starts": "I",
    "postings": "I",
}


def from_parts(parts: Mapping[str, bytes | mmap.mmap]) -> Index:
    """An index over parts made by `build`, or over the files they were written to."""
    numbers = {name: memoryview(parts[name]).cast(code) for name, code in _FORMATS.items()}
    return Index(lines=parts["records"], **numbers)


def write_folder(folder: Path, parts: Mapping[str, bytes]) -> None:
    """Write the parts, one file each, into the existing empty `folder`."""
    for name, content in parts.items():
        (folder / name).write_bytes(content)


def open_folder(folder: Path) -> Index:
    """An index over the mapped files of `folder`; raises `OSError` where one is missing."""
    return from_parts({name: _mapped(folder / name) for name in ("records", *_FORMATS)})


def _mapped(path: Path) -> bytes | mmap.mmap:
    """The file's content, mapped; an empty file cannot be mapped and is plain bytes."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
