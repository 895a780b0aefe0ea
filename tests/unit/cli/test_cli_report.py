"""`dl-lit report`: the library as pages; and the places that cite an entry, from the store to where they are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from selectolax.lexbor import LexborHTMLParser

from dl_lit.app.outcome import library_report
from dl_lit.cli import cli
from dl_lit.core.model import CitationContext
from dl_lit.exports.charts import Step, flow, year_columns
from tests.fakes.scenario import Scenario, typical, work

Ask = Callable[..., Result]
HOSTILE = "<script>alert(1)</script>"
CONTEXTS = (
    CitationContext(positions=(1, 2), marker="[1, 2]", sentence=f"Said {HOSTILE} before [1, 2].", page=3),
    CitationContext(positions=(1,), marker="[1]", sentence="Again [1].", page=4),
)


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as made:
        typical(made)
        (cited,) = made.add("cited.pdf")
        first, _ = made.extract(cited, ["On computable numbers", HOSTILE], contexts=CONTEXTS)
        twin = made.resolve(first, work("On computable numbers", doi="10.1000/computable"))
        made.duplicate(twin, 1)
        made.change_records(1, is_retracted=True)
        yield made


@pytest.fixture
def ask(scenario: Scenario) -> Ask:
    def asked(*words: str) -> Result:
        found = CliRunner().invoke(cli, [*words, "--db", str(scenario.path), "--library", str(scenario.library)])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    return asked


def page(path: Path) -> LexborHTMLParser:
    return LexborHTMLParser(path.read_text())


def test_the_places_that_cite_an_entry_are_kept_told_and_exported(ask: Ask, scenario: Scenario) -> None:
    """Of an entry that none cite the column is empty."""
    kept = scenario.rows("SELECT json_array_length(contexts) FROM entries ORDER BY id")
    assert kept == [(None,)] * 7 + [(2,), (1,)]
    told = ask("explain", "e8").stdout
    assert "p. 4, [1]: Again [1]." in " ".join(told.split())
    story = json.loads(ask("explain", "e8", "--json").stdout)["stories"][0]
    assert [one["page"] for one in story["entry"]["contexts"]] == [3, 4]
    lines = [json.loads(line) for line in ask("export", "--format", "jsonl").stdout.splitlines()]
    assert [[(one["source"], one["page"]) for one in line["contexts"]] for line in lines] == [
        [("cited.pdf", 3), ("cited.pdf", 4)], [], [],
    ]  # fmt: skip


def test_the_library_is_told_at_a_glance(ask: Ask, scenario: Scenario) -> None:
    """What is retracted, what nobody knows, what is cited most, the flow; and each link leads to a page."""
    said = json.loads(ask("report", "--json").stdout)
    folder = scenario.library / "report"
    assert said == {
        "schema": "dl-lit/report/1", "index": str(folder / "index.html"), "pages": 8, "sources": 4,
    }  # fmt: skip
    found = page(folder / "index.html")
    assert "1 retracted or doubted work" in found.css_first("#retracted").text()
    assert found.css_first(".withdrawn .said-against").text() == "Retracted publication"
    assert found.css_first("#unproven").text() == "2 references proven by no record"
    often = found.css_first("#often").parent
    assert [one.text() for one in often.css("td.number")] == ["3"]
    assert "at 2 places of their texts" in often.text()
    drawn = found.css_first("svg.flow")
    assert drawn.css_first("title").text() == "Flow of records, PRISMA 2020"
    assert "records identified 9" in drawn.css_first("desc").text()
    assert found.css("script, link, img, iframe") == []
    for path in folder.glob("*.html"):
        for link in page(path).css("a[href]"):
            href = (link.attributes["href"] or "").partition("#")[0]
            assert href.startswith("https://") or (folder / href).exists(), href


def test_a_choice_of_sources_is_told_alone(ask: Ask, scenario: Scenario, tmp_path: Path) -> None:
    """Hostile titles stay text; there is no flow where there is no review."""
    done = ask("report", "--source", "s4", "--output", str(tmp_path / "chosen"))
    assert done.exit_code == 0, done.stderr
    names = sorted(path.name for path in (tmp_path / "chosen").glob("*.html"))
    assert names == ["cited-4.html", "index.html", "retracted-1.html", "sources-1.html"]
    one = page(tmp_path / "chosen" / "cited-4.html")
    assert one.css("script") == []
    assert HOSTILE in one.css(".entry")[1].text()
    assert one.css_first(".contexts mark").text() == "[1, 2]"
    assert page(tmp_path / "chosen" / "index.html").css("svg.flow") == []
    assert ask("report", "--source", "s4", "--run", "1").exit_code == 2
    assert "no run 99" in ask("report", "--run", "99").stderr


def test_long_lists_are_parted_and_parts_of_before_go(
    ask: Ask, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page grows with the library; nothing is left out."""
    monkeypatch.setattr(library_report, "SOURCES_A_PAGE", 1)
    monkeypatch.setattr(library_report, "FLAGGED_A_PAGE", 1)
    monkeypatch.setattr(library_report, "SHOWN_FLAGGED", 1)
    ask("report")
    folder = scenario.library / "report"
    assert len(list(folder.glob("sources-*.html"))) == 4
    raws = [page(folder / f"unproven-{n}.html").css_first(".raw").text() for n in (1, 2)]
    assert ["Unheard of" in raws[0], "Two of a kind" in raws[1]] == [True, True]
    assert len(page(folder / "index.html").css(".unproven li")) == 1
    monkeypatch.undo()
    ask("report")
    assert len(list(folder.glob("sources-*.html"))) == 1


def test_drawings_escape_what_they_are_told_and_stay_small() -> None:
    """However many years there are, there are few columns."""
    drawn = flow([Step(HOSTILE, [(HOSTILE, 3)], HOSTILE, [("x" * 500, 1)])])
    assert "<script" not in drawn
    assert "x" * 50 not in drawn
    assert year_columns(dict.fromkeys(range(1, 2027), 1)).count("<rect") <= 60
    assert year_columns({}) == ""
    assert year_columns({1999: 1, 20_240_101: 1}).count("<rect") <= 60, "a service may tell any number"
