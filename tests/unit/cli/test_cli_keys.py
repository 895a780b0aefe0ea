"""`dl-lit keys`, `dl-lit export` with its choices, `dl-lit bibliography`: what they print and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dl_lit.cli import cli
from tests.fakes.scenario import Scenario, typical

Ask = Callable[..., Result]


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as made:
        typical(made)
        yield made


@pytest.fixture
def ask(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.chdir(scenario.library)

    def asked(*words: str) -> Result:
        found = CliRunner().invoke(cli, [*words, "--db", str(scenario.path), "--library", str(scenario.library)])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    return asked


def exported(ask: Ask, *words: str) -> list[dict[str, object]]:
    done = ask("export", "--format", "jsonl", *words)
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_keys_are_given_by_an_export_pinned_and_renewed(ask: Ask) -> None:
    assert "3 works have no key" in ask("keys").stderr
    assert [one["key"] for one in exported(ask, "--source", "s3")] == ["Lovelace2017", "Lovelace2017a"]
    assert ask("keys", "--pin", "w4", "wall").stdout == "w4 is wall, before: Lovelace2017a\n"
    refused = ask("keys", "--pin", "w1", "WALL")
    assert (refused.exit_code, "is that of w4" in refused.stderr) == (2, True)
    renewed = ask("keys", "--renew", "--pattern", "{author:lower}{shortyear}", "--json")
    assert json.loads(renewed.stdout)["renewed"] == [{"work_id": 1, "former": "Lovelace2017", "key": "lovelace17"}]
    listed = json.loads(ask("keys", "--json").stdout)
    assert listed["schema"] == "dl-lit/keys/1"
    assert [(one["key"], one["given_by"], one["former"]) for one in listed["keys"]] == [
        ("lovelace17", "pattern", ["Lovelace2017"]),
        ("wall", "person", ["Lovelace2017a"]),
    ]
    assert listed["without"] == 1
    assert "wall" in ask("keys", "lovelace2017A").stdout
    assert "ids = {Lovelace2017}" in ask("export", "--format", "biblatex", "--state", "downloaded").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("keys", "w1", "--renew"), 2),
        (("keys", "--pattern", "{year}"), 2),
        (("keys", "--renew", "--pattern", "{nobody}"), 2),
        (("keys", "Nobody1999"), 2),
        (("keys", "--pin", "w99", "x"), 2),
        (("export", "--run", "7"), 2),
        (("export", "--run", "7", "--source", "s1"), 2),
        (("export", "--state", "failed", "--missing"), 2),
        (("bibliography", "s99", "--style", "harvard"), 2),
        (("bibliography", "s2", "--style", "no style"), 2),
        (("bibliography", "s2", "--html", "--json"), 2),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(ask: Ask, words: tuple[str, ...], code: int) -> None:
    done = ask(*words)
    assert done.exit_code == code
    assert done.stderr.strip()


def test_works_are_chosen_by_what_became_of_them_and_by_run(ask: Ask, scenario: Scenario) -> None:
    def titles(*words: str) -> list[str]:
        return [str(one["work"]["title"]) for one in exported(ask, *words)]  # type: ignore[index]

    computable, closed, wall = "On computable numbers", "A closed book", "Behind a wall"
    assert titles() == [computable, closed, wall]
    assert (
        titles("--state", "downloaded") == titles("--downloaded-only") == titles("--state", "duplicate") == [computable]
    )
    assert titles("--state", "missing") == titles("--missing") == titles("--state", "failed") == [closed, wall]
    assert titles("--state", "waiting") == titles("--state", "retracted") == titles("--state", "needs-review") == []
    assert titles("--state", "duplicate", "--source", "s2") == []
    scenario.sql(
        "INSERT INTO runs (id, started_at, command) VALUES (7, 't', 'process')",
        "INSERT INTO run_sources (run_id, source_id, is_new) VALUES (7, 2, 1)",
    )
    assert titles("--run", "7") == [computable, closed]
    assert titles("--run", "7", "--state", "missing") == [closed]


def test_files_are_named_as_is_wished_for(ask: Ask, scenario: Scenario) -> None:
    def files(*words: str) -> list[object]:
        return [one["file"] for one in exported(ask, "--state", "downloaded", *words)]

    assert files() == ["lovelace_2017_on.pdf"]
    assert files("--paths", "absolute") == [str(scenario.library / "lovelace_2017_on.pdf")]
    assert files("--paths", "none") == [None]
    assert "file = {:lovelace_2017_on.pdf:PDF}" in ask("export", "--file-form", "jabref").stdout


def test_the_graph_is_written_to_a_file_and_counted(ask: Ask, tmp_path: Path) -> None:
    for form in ("graphml", "gexf"):
        done = ask("export", "--format", form, "--output", str(tmp_path / "g"))
        assert "6 sources and works written" in done.stderr
        assert (tmp_path / "g").read_text(encoding="utf-8").count("<edge ") == 4


def test_a_list_in_a_style_has_recognised_works_and_marks_the_rest(ask: Ask) -> None:
    done = ask("bibliography", "s2", "--style", "harvard")
    assert done.stdout.splitlines() == [
        "Lovelace, A. (2017) “A closed book”. Available at: https://doi.org/10.1000/closed.",
        "Lovelace, A. (2017) “On computable numbers”. Available at: https://doi.org/10.1000/computable.",
        "[3] Lovelace, A. Unheard of. 2017. [not recognised: as printed]",
    ]
    assert "1 of 3 are not recognised" in done.stderr
    told = json.loads(ask("bibliography", "s2", "--style", "harvard", "--json").stdout)
    assert [(one["positions"], one["work_id"], one["key"]) for one in told["entries"]] == [
        ([2], 2, "Lovelace2017a"),
        ([1], 1, "Lovelace2017"),
        ([3], None, None),
    ]
    page = ask("bibliography", "s2", "--style", "harvard", "--html").stdout
    assert page.count('class="csl-entry"') == 3
    assert "<!doctype html>" in page
