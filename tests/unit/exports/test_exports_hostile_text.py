"""Texts that would act on whoever reads an export come out as text."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from dl_lit.core.controls import acts
from dl_lit.core.model import Work
from dl_lit.core.reasons import Reason
from dl_lit.exports.bibtex import bibtex
from dl_lit.exports.csl_json import csl_json
from dl_lit.exports.csv_table import csv_table, harmless
from dl_lit.exports.file_field import file_field
from dl_lit.exports.jsonl import jsonl
from dl_lit.exports.missing import MissingItem, missing_html
from dl_lit.exports.record import ExportRecord, ItemState, one_line
from dl_lit.library.names import Naming

ACTING = "\x9b2J\x7f\u202etxt.exe\u2066\ud83d\u2028"


def record(title: str = ACTING, **more: object) -> ExportRecord:
    return ExportRecord(key="k", work=Work(title=title), state=ItemState.FAILED, **more)  # type: ignore[arg-type]


def test_one_line_drops_c1_controls_turned_directions_and_half_pairs() -> None:
    assert one_line(f"a{ACTING}b") == "a2Jtxt.exe b"


@pytest.mark.parametrize("form", [csl_json, jsonl])
def test_json_has_them_as_escapes(form) -> None:
    text = "".join(form([record()]))
    assert not acts(text.replace("\n", ""))
    json.loads(text)


@pytest.mark.parametrize("cell", ["＝1+1", "＋1", "－1", "＠SUM(1)", "\u200b=1+1", "\ufeff+1"])
def test_a_cell_is_no_formula_in_wide_letters_or_behind_something_invisible_either(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    rows = list(csv.reader(io.StringIO("".join(csv_table([record(cell)])))))
    assert rows[1][rows[0].index("title")].startswith("'")


def test_a_file_name_in_a_comment_begins_no_entry() -> None:
    """BibTeX takes "@" for the beginning of an entry wherever it stands outside of one."""
    text = "".join(bibtex([record("Good", file="a{@article{evil, title={x}}.pdf")]))
    assert text.count("@") == 1
    assert file_field("a\x9b.pdf") is None


def test_an_identifier_cannot_end_its_field() -> None:
    work = Work(title="Good", arxiv_id="1}, note={evil", pmid="2}, x={y", isbn="3}, z={y")
    text = "".join(bibtex([ExportRecord(key="k", work=work, state=ItemState.FAILED)]))
    assert "note =" not in text
    assert text.count("}") == text.count("{")


def test_a_page_turns_no_direction_and_can_be_written() -> None:
    item = MissingItem(
        name="w1", work=Work(title=ACTING, doi="10.1/\ud83d"), is_recognised=False, state=ItemState.FAILED,
        reason=Reason.NO_MATCH, raw=f"<b>{ACTING}", sources=(ACTING,),
    )  # fmt: skip
    page = missing_html([item], generated_at=datetime(2026, 11, 23, tzinfo=UTC))
    page.encode()
    assert not acts(page.replace("\n", ""))
    assert "&lt;b&gt;2Jtxt.exe" in page


def test_a_work_with_half_a_pair_has_a_file_name() -> None:
    for name in Naming().candidates(Work(title="x", container_title="\ud83d"), "ab" * 32):
        name.encode()
