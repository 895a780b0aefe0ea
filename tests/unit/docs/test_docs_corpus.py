"""docs/corpus.md names every column of every table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

DOCS = Path(__file__).parents[3] / "docs" / "corpus.md"


def test_every_column_is_described() -> None:
    from dl_lit.app.corpus.shapes import TABLES  # noqa: PLC0415 - an extra

    text = DOCS.read_text(encoding="utf-8")
    for table, schema in TABLES.items():
        if table == "survey":
            continue  # ours alone
        section = text.split(f"\n**{table}**", 1)[1].split("\n**", 1)[0].split("\n## ", 1)[0]
        cells = re.findall(r"^\| (`[^|]*?) \|", section, re.MULTILINE)
        told = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
        assert sorted(told) == sorted(schema.names), table
