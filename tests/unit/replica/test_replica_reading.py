"""How the replica's models read: lists of every kind, fields by rules, pages of plainly written PDFs."""

from __future__ import annotations

import base64
import zlib

import pytest

from dl_lit.replica.language.answering import Asked, answer, asked, judge
from dl_lit.replica.language.papers import page_texts
from dl_lit.replica.language.reading import entries_of, fields_of
from dl_lit.replica.pdfs import assembled
from dl_lit.replica.sheets import Printed, bind

NAMED = """Abel, A. (1999). The first of these works. Journal of Shores, 3, 1-9.
Baker, B., and Cole, C. (2001). The second, which goes on
over a line. Journal of Shores, 4, 10-19.
Doe, D. E. (2004). The third of them. Sand Press."""
LABELLED = "[Ab99] A. Abel. The first of these works. 1999.\n[BC01] B. Baker. The second of these works. 2001."
NUMBERED = "1. Abel, A. The first of these works. 1999.\n12, 13 are pages of it.\n2. Baker, B. The second. 2001."
BLANK = "Anon. The first of these works,\nwhich has two lines\n\nAnother body. The second of these works, 1980"


@pytest.mark.parametrize(
    ("text", "count"), [(NAMED, 3), (LABELLED, 2), (NUMBERED, 2), (BLANK, 2), ("", 0), ("No list at all\n12\n", 1)]
)
def test_lists_are_cut_where_their_entries_begin(text: str, count: int) -> None:
    assert len(entries_of([(1, text)])) == count


def test_what_stands_before_the_heading_is_no_entry_and_an_entry_goes_on_over_a_page() -> None:
    found = entries_of(
        [(7, "Prose of the paper.\nReferences\n[1] Abel, A. A work that goes"), (8, "8\non. 1999.\n[2] B.")]
    )
    assert [(one.page, one.verbatim) for one in found] == [
        (7, "[1] Abel, A. A work that goes on. 1999."),
        (8, "[2] B."),
    ]


def test_fields_are_told_by_rules_and_what_is_not_there_is_null() -> None:
    told = fields_of('C. Cole, "A title in marks", in Proc. of the Shore Conference, arXiv:1234.56789, 2011. PMID: 77')
    assert (told["title"], told["year"], told["arxiv_id"], told["pmid"]) == (
        "A title in marks",
        2011,
        "1234.56789",
        "77",
    )
    assert told["type"] == "paper-conference"
    assert told["doi"] is told["isbn"] is told["label"] is None
    assert fields_of("World Health Body. A report on shores. 1999.")["authors"][0]["literal"] == "World Health Body"
    assert fields_of("")["title"] is None


def test_a_judge_abstains_where_two_fit_alike() -> None:
    alike = [{"n": 1, "title": "The first of these works"}, {"n": 2, "title": "The first of these works", "year": 1999}]
    entry = "Abel, A. (1999). The first of these works."
    assert judge(entry, alike)["choice"] is None
    assert judge(entry, [alike[0], {**alike[1], "year": 1989}])["choice"] == 1
    assert judge(entry, [])["choice"] is None


def test_a_task_is_found_behind_words_about_its_form() -> None:
    found = asked(['system: {"entries": []} is the form', 'Answer in JSON.\n{"entry": "x", "candidates": []} Thanks.'])
    assert found is not None
    assert found.task.value == "judge"
    assert isinstance(answer(None), str)
    assert asked(["hello {", "[1, 2]"]) is None
    assert answer(Asked(found.task, found.sent))["choice"] is None


def test_the_pages_of_plain_pdfs_are_read_however_their_streams_are_packed() -> None:
    assert page_texts(bind([Printed(((9, ["Śliwa, ą (1)", "second"]),)), Printed(((9, ["last"]),))])) == (
        "Śliwa, ą (1)\nsecond",
        "last",
    )
    drawn = b"BT [(Sp) -20 (aced) -400 (words)] TJ 0 -12 Td (l\\303\\(1\\)) Tj ET"
    packed = base64.a85encode(zlib.compress(drawn)) + b"~>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents [4 0 R 5 0 R] >>",
        b"<< /Length %d /Filter [/ASCII85Decode /FlateDecode] >>\nstream\n%s\nendstream" % (len(packed), packed),
        b"<< /Length 3 /Filter /FlateDecode >>\nstream\nbad\nendstream",
    ]
    assert page_texts(assembled(objects, "/Root 1 0 R", 0)) == ("Spaced words\nlÃ(1)",)
    assert page_texts(b"%PDF of nothing") == ()
