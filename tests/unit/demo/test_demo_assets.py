"""The committed sample papers: complete, small, and what their gold lists say they are."""

from __future__ import annotations

import json
import re
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader

from dl_lit.demo.assets import absent_works, broken_pdfs, gold_for, sample_pdfs, universe_path


def letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def records() -> dict[str, dict[str, Any]]:
    lines = universe_path().read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["title"]: json.loads(line) for line in lines}


def test_there_are_enough_samples_styles_and_languages_in_a_small_space() -> None:
    golds = [gold_for(pdf) for pdf in sample_pdfs()]
    assert len(golds) >= 12
    assert len({gold["style"] for gold in golds}) >= 10
    assert {gold["language"] for gold in golds} >= {"en", "de", "fr", "es"}
    assert max(len(gold["references"]) for gold in golds) == 150
    assert sum(pdf.stat().st_size for pdf in sample_pdfs() + broken_pdfs()) < 3_000_000


@pytest.mark.parametrize("pdf", sample_pdfs(), ids=lambda pdf: pdf.stem)
def test_every_gold_entry_stands_in_its_pdf_in_printed_order(pdf) -> None:
    document = pypdfium2.PdfDocument(pdf)
    pages = [letters(page.get_textpage().get_text_bounded()) for page in document]
    document.close()
    references = gold_for(pdf)["references"]
    assert [reference["position"] for reference in references] == list(range(1, len(references) + 1))
    for reference in references:
        beginning = letters(reference["raw"])[:30]
        assert any(beginning in text for text in pages[reference["page"] - 1 : reference["page"] + 1]), reference
    assert [r["page"] for r in references] == sorted(r["page"] for r in references)


@pytest.mark.parametrize("pdf", sample_pdfs(), ids=lambda pdf: pdf.stem)
def test_raw_strings_hold_no_traces_of_line_ends(pdf) -> None:
    for reference in gold_for(pdf)["references"]:
        assert not re.search(r"[\x00-\x1f]|  ", reference["raw"])
        assert letters(reference["title"]) in letters(reference["raw"])


def test_dois_are_in_print_behind_links_or_missing() -> None:
    """All three kinds occur, and a DOI said to be printed is."""
    references = [reference for pdf in sample_pdfs() for reference in gold_for(pdf)["references"]]
    assert {reference["doi_in"] for reference in references} == {"text", "link", None}
    assert all(r["doi"] in r["raw"].casefold() for r in references if r["doi_in"] == "text")


def test_a_doi_said_to_be_linked_is_a_link_annotation() -> None:
    [pdf] = [pdf for pdf in sample_pdfs() if gold_for(pdf)["style"] == "linked-list"]
    with PdfReader(pdf) as reader:
        notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
        targets = {str(note["/A"]["/URI"]).casefold() for note in notes if "/URI" in note.get("/A", {})}
    assert targets == {f"https://doi.org/{r['doi']}" for r in gold_for(pdf)["references"]}


def test_samples_share_works() -> None:
    """Some works are cited by three samples or more, so that duplicates occur."""
    cited = [r["key"] for pdf in sample_pdfs() for r in gold_for(pdf)["references"]]
    assert sum(cited.count(key) >= 3 for key in set(cited)) >= 5


def test_the_universe_has_every_cited_work_but_the_absent_ones() -> None:
    universe, absent = records(), absent_works()
    references = {r["key"]: r for pdf in sample_pdfs() for r in gold_for(pdf)["references"]}
    assert 0.05 <= len(absent) / len(references) <= 0.08
    for key, reference in references.items():
        assert (reference["title"] in universe) is (key not in absent), reference


def test_the_universe_lists_each_sample_with_what_it_cites() -> None:
    universe = records()
    for pdf in sample_pdfs():
        gold = gold_for(pdf)
        citing = universe[gold["title"]]
        assert citing["doi"] == gold["doi"]
        listed = [(r.get("doi"), r["unstructured"]) for r in citing["references"]]
        assert listed == [(r["doi"], r["raw"]) for r in gold["references"]]


def test_one_cited_work_is_retracted_and_one_corrected() -> None:
    """The universe has the notices, and the samples cite what they are about."""
    cited = {r["doi"] for pdf in sample_pdfs() for r in gold_for(pdf)["references"]}
    updates = [update for record in records().values() for update in record.get("updates", [])]
    assert sorted(update["type"] for update in updates) == ["correction", "retraction"]
    assert {update["doi"] for update in updates} <= cited


def test_three_in_five_works_are_open() -> None:
    states = [record["oa"] for record in records().values()]
    assert 0.55 <= sum(state != "closed" for state in states) / len(states) <= 0.7
    assert set(states) == {"gold", "green", "hybrid", "bronze", "closed"}


def test_broken_inputs_cannot_be_read() -> None:
    encrypted, scanned = broken_pdfs()
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(encrypted)
    document = pypdfium2.PdfDocument(scanned)
    assert [page.get_textpage().get_text_bounded().strip() for page in document] == [""]
    document.close()
