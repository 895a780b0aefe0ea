"""The universe: all works the replica's services and hosts know, from files of records and gold reference lists."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

from dl_lit.replica.index import INDEX_VERSION, Index, build, from_parts, open_folder, update_key, write_folder
from dl_lit.replica.records import Record, normal_doi, title_key
from dl_lit.replica.search import Search

Item = dict[str, Any]


class Universe:
    """Records with look-up by identifier and ranked search; safe to share between replicas of one thread."""

    def __init__(self, index: Index) -> None:
        """Use `from_records`, `from_gold_dirs` or `load`."""
        self.index = index
        self.search = Search(index)

    def __len__(self) -> int:
        return len(self.index)

    def __iter__(self) -> Iterator[Record]:
        return (self.index.record(position) for position in range(len(self)))

    def by_doi(self, doi: str) -> Record | None:
        """The record with this DOI in any spelling, or None."""
        return self.index.by_identifier(f"doi:{normal_doi(doi)}")

    def notices_about(self, doi: str) -> list[Record]:
        """The records that are notices about the work with this DOI, in the order of the universe."""
        found: list[Record] = []
        while (record := self.index.by_identifier(update_key(normal_doi(doi), len(found)))) is not None:
            found.append(record)
        return found

    @classmethod
    def from_records(cls, items: Iterable[Mapping[str, Any]]) -> Universe:
        """A universe held in memory, from records as JSON objects (see `record_from_json`)."""
        return cls(from_parts(build(items)))

    @classmethod
    def from_gold_dirs(cls, gold_dirs: Sequence[Path]) -> Universe:
        """A universe of the works that gold reference lists (`*.json`) describe, citing and cited."""
        return cls.from_records(_merged((), gold_dirs))

    @classmethod
    def load(cls, path: Path, gold_dirs: Sequence[Path] = (), cache_dir: Path | None = None) -> Universe:
        """A universe from a file of JSON lines (`.gz` or plain) and gold lists, indexed once per content.

        The index is kept in `cache_dir` (the system's temporary folder where None); raises `OSError` and `ValueError`.
        """
        folder = (cache_dir or Path(tempfile.gettempdir()) / "dl-lit-replica") / _fingerprint(path, gold_dirs)
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix="unfinished-"))
            try:
                write_folder(unfinished, build(_merged(read_lines(path), gold_dirs)))
                unfinished.rename(folder)
            except OSError:
                if not folder.is_dir():  # otherwise another process was quicker, with the same content
                    raise
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        return cls(open_folder(folder))


def _fingerprint(path: Path, gold_dirs: Sequence[Path]) -> str:
    """What the index depends on: the files' names, sizes and times, and the layout."""
    digest = sha256(f"{INDEX_VERSION}".encode())
    for file in (path, *(file for folder in gold_dirs for file in sorted(folder.glob("*.json")))):
        facts = file.stat()
        digest.update(f"|{file.resolve()}|{facts.st_size}|{facts.st_mtime_ns}".encode())
    return digest.hexdigest()[:32]


def read_lines(path: Path) -> Iterator[Item]:
    """The records in a file of JSON lines, `.gz` or plain."""
    with path.open("rb") as file, ExitStack() as opened:
        lines: Iterable[bytes] = opened.enter_context(gzip.GzipFile(fileobj=file)) if path.suffix == ".gz" else file
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _merged(items: Iterable[Item], gold_dirs: Sequence[Path]) -> Iterator[Item]:
    """The universe's records, completed by the gold lists, then the works only those know."""
    gold = _Gold(gold_dirs)
    for item in items:
        yield gold.complete(item)
    yield from gold.rest()


class _Gold:
    """Works described by gold lists, waiting to be matched with the universe's records."""

    def __init__(self, gold_dirs: Sequence[Path]) -> None:
        self._by_doi: dict[str, Item] = {}
        self._by_title: dict[str, Item] = {}
        for folder in gold_dirs:
            for file in sorted(folder.glob("*.json")):
                self._read(json.loads(file.read_text(encoding="utf-8")))

    def complete(self, item: Item) -> Item:
        """`item` with what gold knows besides; the gold work counts as placed."""
        doi = item.get("doi")
        known = self._by_doi.pop(normal_doi(doi), None) if doi else None
        key = title_key(item.get("title") or "")
        if known is None:
            known = self._by_title.pop(key, None)
        elif self._by_title.get(key) is known:
            del self._by_title[key]
        if known is None:
            return item
        return {**known, **{name: value for name, value in item.items() if value not in (None, [], "")}}

    def rest(self) -> Iterator[Item]:
        """The gold works no record of the universe was matched with."""
        yield from self._by_doi.values()
        yield from (item for item in self._by_title.values() if not item.get("doi"))

    def _read(self, gold: Mapping[str, Any]) -> None:
        citing = {
            "doi": gold.get("doi"),
            "title": gold.get("title"),
            "container": gold.get("journal"),
            "language": gold.get("language"),
            "type": "journal-article",
            "references": [_reference(entry) for entry in gold.get("references") or ()],
        }
        self._add(citing)
        for entry in gold.get("references") or ():
            self._add(_cited_work(entry))

    def _add(self, item: Item) -> None:
        title = item.get("title")
        if not title:
            return
        key = title_key(title)
        doi = item.get("doi")
        known = self._by_doi.get(normal_doi(doi)) if doi else self._by_title.get(key)
        if known is not None:
            known.update({name: value for name, value in item.items() if value and not known.get(name)})
            return
        if doi:
            self._by_doi[normal_doi(doi)] = item
        self._by_title.setdefault(key, item)


def _reference(entry: Mapping[str, Any]) -> Item:
    return {
        "key": entry.get("key"),
        "doi": entry.get("doi"),
        "unstructured": entry.get("deposit_unstructured") or entry.get("raw"),
        "title": entry.get("title"),
        "author": entry.get("first_author"),
        "year": entry.get("year"),
        "container": entry.get("container"),
    }


def _cited_work(entry: Mapping[str, Any]) -> Item:
    author = entry.get("first_author")
    return {
        "doi": entry.get("doi"),
        "title": entry.get("title"),
        "authors": [{"family": author}] if author else [],
        "year": entry.get("year"),
        "container": entry.get("container"),
        "pmid": entry.get("pmid"),
        "type": "journal-article",
    }
