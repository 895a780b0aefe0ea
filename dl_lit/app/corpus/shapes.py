"""The columns of every Parquet file, and rows to and from them; the only module that speaks Arrow's language.

`docs/corpus.md` describes each column; a test keeps the two in step. The same rows give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_NAME = pa.struct([("family", pa.string()), ("given", pa.string()), ("literal", pa.string())])
_NAMES = pa.list_(_NAME)

SURVEY = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("size_bytes", pa.int64(), nullable=False),
        pa.field("stamp", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
    ]
)
DOCUMENTS = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("sha256", pa.string()),
        pa.field("size_bytes", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("reason_detail", pa.string()),
        pa.field("duplicate_of", pa.string()),
        pa.field("found_references", pa.int32()),
        pa.field("expected_references", pa.int32()),
        pa.field("page_count", pa.int32()),
        pa.field("doi", pa.string()),
        pa.field("arxiv_id", pa.string()),
        pa.field("title", pa.string()),
        pa.field("authors", _NAMES),
        pa.field("year", pa.int32()),
        pa.field("coverage", pa.string()),
        pa.field("short_forms", pa.string()),
        pa.field("notes", pa.list_(pa.string())),
    ]
)
REFERENCES = pa.schema(
    [
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("page", pa.int32()),
        pa.field("raw", pa.string(), nullable=False),
        pa.field("label", pa.string()),
        pa.field("type", pa.string(), nullable=False),
        pa.field("authors", _NAMES, nullable=False),
        pa.field("editors", _NAMES, nullable=False),
        pa.field("title", pa.string()),
        pa.field("container_title", pa.string()),
        pa.field("publisher", pa.string()),
        pa.field("year", pa.int32()),
        pa.field("volume", pa.string()),
        pa.field("issue", pa.string()),
        pa.field("pages", pa.string()),
        pa.field("doi", pa.string()),
        pa.field("arxiv_id", pa.string()),
        pa.field("pmid", pa.string()),
        pa.field("isbn", pa.string()),
        pa.field("url", pa.string()),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("field_confidence", pa.map_(pa.string(), pa.float64())),
        pa.field("section", pa.string()),
    ]
)
CONTEXTS = pa.schema(
    [
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("positions", pa.list_(pa.int32()), nullable=False),
        pa.field("marker", pa.string(), nullable=False),
        pa.field("sentence", pa.string(), nullable=False),
        pa.field("page", pa.int32(), nullable=False),
    ]
)
MATCHES = pa.schema(
    [
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("reason_detail", pa.string()),
        pa.field("matched_by", pa.string()),
        pa.field("matched_as", pa.string()),
        pa.field("score", pa.float64()),
        pa.field("doi", pa.string()),
        pa.field("openalex_id", pa.string()),
        pa.field("arxiv_id", pa.string()),
        pa.field("pmid", pa.string()),
        pa.field("pmcid", pa.string()),
        pa.field("isbn", pa.string()),
        pa.field("csl", pa.string()),
        pa.field("work", pa.string()),
        pa.field("candidates", pa.string()),
    ]
)
TABLES: Mapping[str, pa.Schema] = {
    "survey": SURVEY,
    "documents": DOCUMENTS,
    "references": REFERENCES,
    "contexts": CONTEXTS,
    "matches": MATCHES,
}
"""By the name of the folder they lie in."""


def packed(rows: Sequence[Mapping[str, Any]], schema: pa.Schema, about: Mapping[str, str] | None = None) -> bytes:
    """The Parquet file of the rows; `about` stands in its footer."""
    return packed_table(pa.Table.from_pylist(list(rows), schema=schema), about)


def packed_table(table: pa.Table, about: Mapping[str, str] | None = None) -> bytes:
    """The Parquet file of a table."""
    if about:
        table = table.replace_schema_metadata(dict(about))
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", store_schema=False)
    return out.getvalue()


def rows_of(content: bytes, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a Parquet file, maps as lists of pairs."""
    rows: list[dict[str, Any]] = table_of(content, columns).to_pylist()
    return rows


def table_of(content: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    """The table of a Parquet file."""
    return pq.read_table(pa.BufferReader(content), columns=None if columns is None else list(columns))


def about_of(content: bytes) -> dict[str, str]:
    """What stands in its footer."""
    found = pq.read_schema(pa.BufferReader(content)).metadata or {}
    return {key.decode(): value.decode() for key, value in found.items()}


UNREADABLE = (pa.ArrowInvalid, pa.ArrowTypeError, KeyError, OSError)
"""What is raised where a file is no Parquet file of ours."""
