"""Full-text engines as they come, beside the local index: the same words, the same strings."""

from __future__ import annotations

import importlib.util
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.local_index_strings import Record, crossref_item

from dl_lit.matching.normalise import text_key

Judge = Callable[[Callable[[str], Sequence[str]]], dict[str, Any]]


def measured(records: Sequence[Record], judge: Judge) -> dict[str, Any]:
    """What each engine that is installed does; None for one that is not."""
    documents = [_document(record) for record in records]
    dois = [crossref_item(record, number)["DOI"].lower() for number, record in enumerate(records)]
    figures: dict[str, Any] = {"sqlite_fts5_bm25": _fts5(documents, dois, judge)}
    figures["tantivy"] = _tantivy(documents, dois, judge) if importlib.util.find_spec("tantivy") else None
    return figures


def _document(record: Record) -> str:
    names = " ".join(one.get("family") or "" for one in (record.get("authors") or [])[:10])
    return text_key(f"{record['title']} {names} {record.get('container') or ''} {record.get('year') or ''}")


def _fts5(documents: Sequence[str], dois: Sequence[str], judge: Judge) -> dict[str, Any]:
    """SQLite's full-text search with its own ranking over all words of the string."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as folder:
        path = Path(folder) / "fts5.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(said, content='', tokenize='ascii')")
        start = time.process_time()
        with connection:
            connection.executemany("INSERT INTO words (rowid, said) VALUES (?, ?)", enumerate(documents))
        built = _built(start, path.stat().st_size)

        def find(text: str) -> list[str]:
            words = " OR ".join(f'"{word}"' for word in dict.fromkeys(text_key(text).split()))
            rows = connection.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 10", (words,))
            return [dois[row] for (row,) in rows]

        figures = judge(find)
        connection.close()
    return built | figures


def _tantivy(documents: Sequence[str], dois: Sequence[str], judge: Judge) -> dict[str, Any]:
    """Tantivy (MIT) with its own ranking over all words of the string."""
    import tantivy  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 - where it is installed

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, fast=True)
    builder.add_text_field("said", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as folder:
        index = tantivy.Index(schema, path=folder)
        start = time.process_time()
        writer = index.writer(heap_size=100_000_000, num_threads=1)
        for number, document in enumerate(documents):
            writer.add_document(tantivy.Document(id=number, said=document))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        built = _built(start, sum(file.stat().st_size for file in Path(folder).iterdir()))
        searcher = index.searcher()

        def find(text: str) -> list[str]:
            words = dict.fromkeys(text_key(text).split())
            terms = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "said", word)) for word in words]
            hits = searcher.search(tantivy.Query.boolean_query(terms), 10).hits
            return [dois[searcher.doc(address)["id"][0]] for _, address in hits]

        return built | judge(find)


def _built(start: float, size: int) -> dict[str, Any]:
    """Of the words alone: without reading records, looking up identifiers and keeping what is found."""
    return {"words_build_cpu_s": round(time.process_time() - start, 1), "words_size_mb": round(size / 1e6, 1)}
