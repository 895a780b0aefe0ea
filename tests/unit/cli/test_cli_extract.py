"""`dl-lit extract` prints the same references in five forms."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from dl_lit.cli import cli
from dl_lit.cli.extract import page_ranges
from dl_lit.exports.read_bibtex import read_bibtex
from dl_lit.exports.read_ris import read_ris

pytestmark = pytest.mark.no_database

SAMPLE = Path(__file__).parents[3] / "dl_lit" / "demo" / "samples" / "04-meta-analysis.pdf"
GOLD = json.loads((SAMPLE.parents[1] / "gold" / f"{SAMPLE.stem}.json").read_text(encoding="utf-8"))["references"]


def extract(*arguments: object, stdin: bytes | None = None) -> Result:
    stream = io.BytesIO(stdin) if stdin is not None else None
    return CliRunner().invoke(cli, ["extract", *map(str, arguments)], input=stream)


@pytest.fixture(scope="module")
def not_a_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("letters") / "letter.pdf"
    path.write_text("Dear reader", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def in_form(not_a_pdf: Path) -> Callable[[str], Result]:
    """What is printed in a form of the sample, and of a file that cannot be read."""
    return cache(lambda form: extract(not_a_pdf, SAMPLE, "--format", form))


def test_json_is_the_short_form_of_its_format():
    short, long = extract(SAMPLE, "--json"), extract(SAMPLE, "--format", "json")
    assert short.exit_code == long.exit_code == 0
    assert json.loads(short.stdout) == json.loads(long.stdout)
    assert json.loads(short.stdout)["schema"] == "dl-lit/bibliography/1"


def test_bibtex_and_ris_are_read_back_with_the_same_works(in_form: Callable[[str], Result]):
    years = sorted(int(one["year"]) for one in GOLD)
    bibtex, ris = read_bibtex(in_form("bibtex").stdout), read_ris(in_form("ris").stdout)
    for imported in (bibtex, ris):
        assert sorted(entry.reference.year or 0 for entry in imported.entries) == years
    assert [a.reference.doi for a in bibtex.entries] == [b.reference.doi for b in ris.entries]


def test_csl_json_holds_every_reference_in_printed_order(in_form: Callable[[str], Result]):
    items = json.loads(in_form("csl-json").stdout)
    assert [str(item["issued"]["date-parts"][0][0]) for item in items] == [one["year"] for one in GOLD]
    assert len({item["id"] for item in items}) == len(items)


def test_text_shows_coverage_labels_and_fields(in_form: Callable[[str], Result]):
    printed = in_form("text").stdout
    assert f"{len(GOLD)} references" in printed
    assert "[13]   Mozaffarian, D" in printed
    assert "doi:10.1371/journal.pmed.1000252" in printed


def test_what_cannot_be_read_is_told_and_the_rest_is_printed(not_a_pdf: Path, in_form: Callable[[str], Result]):
    """On standard error for the forms that have no place for it, which other programs read on."""
    for form in ("csl-json", "bibtex", "ris"):
        result = in_form(form)
        assert result.exit_code == 3
        assert "letter.pdf: not read: not-a-pdf" in result.stderr
        assert "Mozaffarian" in result.stdout
    result = in_form("text")
    assert result.exit_code == 3
    assert "not read: not-a-pdf" in result.stdout
    documents = json.loads(extract(not_a_pdf, "--json").stdout)["documents"]
    assert documents[0]["error"] == "not-a-pdf"


def test_standard_input_is_a_pdf_too():
    result = extract("-", "--json", stdin=SAMPLE.read_bytes())
    (document,) = json.loads(result.stdout)["documents"]
    assert (document["path"], len(document["references"])) == ("-", len(GOLD))
    assert extract("-", stdin=b"").exit_code == 3


def test_output_goes_to_a_file_whole(tmp_path: Path):
    result = extract(SAMPLE, "--format", "bibtex", "--output", tmp_path / "cited.bib")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "@" in (tmp_path / "cited.bib").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["cited.bib"]


def test_pictures_come_with_every_form(tmp_path: Path, not_a_pdf: Path):
    result = extract(SAMPLE, not_a_pdf, "--format", "bibtex", "--picture", tmp_path / "out")
    assert result.exit_code == 3
    folders = sorted((tmp_path / "out").iterdir())
    assert [folder.name.rsplit("-", 1)[0] for folder in folders] == ["04-meta-analysis", "letter"]
    pages = sorted(path.name for path in folders[0].glob("page-*.png"))
    assert pages
    index = (folders[0] / "index.html").read_text(encoding="utf-8")
    assert all(page in index for page in pages)
    assert "not-a-pdf" in (folders[1] / "index.html").read_text(encoding="utf-8")


def test_pages_asked_for_are_drawn(tmp_path: Path):
    assert extract(SAMPLE, "--picture", tmp_path, "--pages", "1").exit_code == 0
    assert [path.name for path in tmp_path.glob("*/page-*.png")] == ["page-0001.png"]


@pytest.mark.parametrize(
    "arguments",
    [
        (SAMPLE, "--json", "--format", "ris"),
        (SAMPLE, "--pages", "1"),
        (SAMPLE, "--picture", "x", "--pages", "4-2"),
        (SAMPLE, "--picture", "x", "--pages", "one"),
        ("-", "-"),
        (SAMPLE, "--format", "docx"),
        (),
    ],
)
def test_contradictions_are_usage_errors(arguments: tuple[object, ...]):
    assert extract(*arguments).exit_code == 2


def test_ranges_of_pages():
    assert page_ranges("3, 10-12,7–7") == ((3, 3), (10, 12), (7, 7))
    assert page_ranges("all") == ((1, 1_000_000),)
    with pytest.raises(click.UsageError):
        page_ranges("0")
