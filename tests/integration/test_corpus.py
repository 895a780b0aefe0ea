"""`dl-lit corpus` on one machine: what is read once, told, kept, gone on with, matched and brought into a database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from dl_lit.cli import cli
from dl_lit.core.source_path import path_text
from tests.fakes.object_store import ObjectStore

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "dl_lit" / "demo" / "samples").glob("*.pdf"), key=lambda path: path.stat().st_size)[:3]


def corpus(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["corpus", *map(str, arguments)], catch_exceptions=False)


def told(result: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def rows(output: Path, folder: str) -> list[dict[str, Any]]:
    """Of all partitions that the manifest lists, in its order."""
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    parts = [one["part"] for one in manifest["partitions"] if folder in one["made"]]
    return [row for part in parts for row in pq.read_table(output / folder / f"part-{part}.parquet").to_pylist()]


def files(output: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three papers, one of them by three names, one of these no UTF-8; and files that are none."""
    folder = tmp_path_factory.mktemp("papers")
    (folder / "below").mkdir()
    for sample in SAMPLES:
        shutil.copy(sample, folder)
    shutil.copy(SAMPLES[0], folder / "below" / "again.pdf")
    shutil.copy(SAMPLES[0], folder / os.fsdecode(b"na\xefve.pdf"))
    (folder / "letter.pdf").write_text("Dear reader", encoding="utf-8")
    (folder / "empty.pdf").touch()
    (folder / "gone.pdf").symlink_to(folder / "nowhere.pdf")
    os.mkfifo(folder / "pipe.pdf")
    (folder / ".hidden.pdf").write_text("not looked at", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def read(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was read of them."""
    output = tmp_path_factory.mktemp("read") / "out"
    result = corpus("extract", papers, output, "--workers", 2)
    assert (result.exit_code, result.stderr) == (3, "")
    return output


def test_the_rows_say_what_extract_says(papers: Path, read: Path) -> None:
    """Every key of `dl-lit extract --json`, value for value, in printed order."""
    single = CliRunner().invoke(cli, ["extract", *(str(papers / one.name) for one in SAMPLES), "--json"])
    documents = {one["sha256"]: one for one in json.loads(single.stdout)["documents"]}
    printed = [one for sha256 in sorted(documents) for one in documents[sha256]["references"]]
    found = rows(read, "references")
    by_document = sorted(found, key=lambda row: row["sha256"])
    for mine, theirs in zip(by_document, printed, strict=True):
        names = [{key: value for key, value in name.items() if value} for name in mine["authors"]]
        assert (names, dict(mine["field_confidence"])) == (theirs["authors"], theirs["field_confidence"])
        plain = {key: value for key, value in mine.items() if key not in {"sha256", "path"}}
        same = plain.keys() - {"authors", "editors", "field_confidence"}
        assert {key: plain[key] for key in same} == {key: theirs[key] for key in same}
        assert plain.keys() == theirs.keys()
    own = {row["sha256"]: row for row in rows(read, "documents") if row["found_references"]}
    assert {sha256: (row["title"], row["doi"], row["page_count"]) for sha256, row in own.items()} == {
        sha256: (one["title"], one["doi"], one["page_count"]) for sha256, one in documents.items()
    }
    contexts = {(row["sha256"], row["sentence"], row["page"]) for row in rows(read, "contexts")}
    assert contexts == {
        (sha256, context["sentence"], context["page"])
        for sha256, one in documents.items()
        for context in one["contexts"]
    }


def test_each_file_has_a_row_with_what_became_of_it(read: Path) -> None:
    found = {row["path"]: (row["reason"], row["duplicate_of"]) for row in rows(read, "documents")}
    first = min("below/again.pdf", SAMPLES[0].name)
    strange = path_text(Path(os.fsdecode(b"na\xefve.pdf")))
    assert found == {
        **{one.name: (None, None) for one in SAMPLES[1:]},
        **{name: (None, None if name == first else first) for name in ("below/again.pdf", SAMPLES[0].name, strange)},
        "letter.pdf": ("not-a-pdf", None),
        "empty.pdf": ("empty-file", None),
        "gone.pdf": ("vanished", None),
        "pipe.pdf": ("unreadable-file", None),
    }


def test_a_second_call_does_nothing_and_changes_nothing(papers: Path, read: Path) -> None:
    before = files(read)
    again = told(corpus("extract", papers, read, "--json"))
    assert (again["this_run"]["documents"], again["is_whole"], again["duplicates"]) == (0, True, 2)
    assert again["failed"] == {"empty-file": 1, "not-a-pdf": 1, "unreadable-file": 1, "vanished": 1}
    assert files(read) == before


def test_what_is_damaged_or_half_there_is_made_again_the_same(papers: Path, read: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    shutil.copytree(read, output)
    (output / "manifest.json").unlink()  # as after kill -9
    first, second = sorted((output / "documents").glob("part-[0-9a-f]*"))[-2:]
    first.write_bytes(first.read_bytes()[:100])
    (output / "references" / second.name).unlink()
    (output / "documents" / ".part-draft").write_bytes(b"half")
    again = told(corpus("extract", papers, output, "--json"))
    assert 0 < again["this_run"]["documents"] < 6
    assert files(output) == files(read)


def test_what_ended_with_a_reason_can_be_read_again(papers: Path, read: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    shutil.copytree(read, output)
    again = told(corpus("extract", papers, output, "--again", "not-a-pdf", "--json"))
    assert 0 < again["this_run"]["documents"] < 6
    assert files(output) == files(read)
    assert corpus("extract", papers, output, "--again", "bad-luck").exit_code == 2


def test_a_grown_input_costs_what_is_new(papers: Path, read: Path, tmp_path: Path) -> None:
    """Further names of known contents are told without reading."""
    grown, output = tmp_path / "in", tmp_path / "out"
    grown.mkdir()
    shutil.copy(SAMPLES[0], grown / "a.pdf")
    assert corpus("extract", grown, output).exit_code == 0
    shutil.copy(SAMPLES[0], grown / "0.pdf")
    shutil.copy(SAMPLES[1], grown / "b.pdf")
    result = told(corpus("extract", grown, output, "--json"))
    assert (result["documents"], result["duplicates"], result["this_run"]["documents"]) == (3, 1, 1)
    assert {row["path"]: row["duplicate_of"] for row in rows(output, "documents")} == {
        "a.pdf": None,
        "0.pdf": "a.pdf",
        "b.pdf": None,
    }
    assert len({(row["sha256"], row["position"]) for row in rows(output, "references")}) == result["references"]


@pytest.mark.parametrize("kind", ["pattern", "list", "one"])
def test_inputs_of_every_kind(papers: Path, tmp_path: Path, kind: str) -> None:
    """A pattern, a list with a comment and relative paths, a single PDF: here one that is no PDF, which is quick."""
    listed = tmp_path / "list.txt"
    listed.write_text(f"# mine\n\n{papers / 'letter.pdf'}\nmissing.pdf\n", encoding="utf-8")
    named = {"pattern": papers / "let*.pdf", "list": listed, "one": papers / "letter.pdf"}[kind]
    result = corpus("extract", named, tmp_path / "out", "--json")
    wanted = {"not-a-pdf": 1, "vanished": 1} if kind == "list" else {"not-a-pdf": 1}
    assert (result.exit_code, told(result)["failed"]) == (3, wanted)


def test_what_cannot_be_is_said_in_one_line(papers: Path, read: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for arguments, code, said in (
        (("extract", tmp_path / "none", tmp_path / "o"), 2, "does not exist"),
        (("extract", "ftp://host/x", tmp_path / "o"), 2, "no such kind of store"),
        (("extract", papers, file), 2, "is a file"),
        (("extract", papers, papers), 2, "holds other things"),
        (("extract", tmp_path, read), 2, "was made from another input"),
        (("extract", papers, tmp_path / "o", "--engine", "ray"), 2, "--engine ray is not offered"),
        (("extract", papers, tmp_path / "o", "--engine", "dask"), 6, "name the scheduler"),
        (("extract", papers, tmp_path / "o", "--engine", "dask", "--scheduler", "nothing"), 2, "neither an address"),
        (("match", papers, tmp_path / "o"), 2, "holds no result of dl-lit corpus extract"),
        (("match", read, tmp_path / "o", "--index", tmp_path / "i"), 2, "there is no index"),
        (("import", papers), 2, "holds no result"),
    ):
        result = corpus(*arguments)
        assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (code, "", 1), arguments
        assert said in result.stderr
    assert not (papers / ".lock").exists()


def test_a_stop_keeps_what_was_done_and_a_second_call_keeps_out(papers: Path, read: Path, tmp_path: Path) -> None:
    """One that hangs is at work meanwhile: a paper that is being read when its parser is stopped."""
    output = tmp_path / "out"
    command = [sys.executable, "-m", "dl_lit", "corpus", "extract", str(papers), str(output), "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 60
        while not (output / "plan.json").exists():
            assert time.monotonic() < until
            assert process.poll() is None
        busy = corpus("extract", papers, output)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert (busy.exit_code, process.returncode) == (4, 130)
    assert f"process {process.pid}" in busy.stderr
    assert "the same call goes on from there" in said.decode()
    assert json.loads((output / "manifest.json").read_text(encoding="utf-8"))["is_whole"] is False
    assert corpus("extract", papers, output).exit_code == 3
    assert files(output) == files(read)


def test_matches_and_entries_come_into_a_database(read: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the index knows is resolved, what it does not know waits for a pipeline; nothing is added twice."""
    index, database = tmp_path / "index.db", tmp_path / "lit.db"
    monkeypatch.setenv("DL_LIT_LOCAL_INDEX", str(index))
    references = rows(read, "references")
    half = [row for row in references if row["title"] and row["year"] and row["authors"]][::2]
    dump = tmp_path / "dump.jsonl"
    dump.write_text("".join(json.dumps(_crossref(row, number)) + "\n" for number, row in enumerate(half)), "utf-8")
    assert CliRunner().invoke(cli, ["import-metadata", str(dump)]).exit_code == 0
    matched = tmp_path / "matched"
    result = corpus("match", read, matched, "--workers", 1, "--json")
    assert (result.exit_code, told(result)["matches"]) == (0, len(references))
    found = rows(matched, "matches")
    assert [(row["sha256"], row["position"]) for row in found] == [(r["sha256"], r["position"]) for r in references]
    taken = {(row["sha256"], row["position"]): row for row in found if row["reason"] is None}
    assert len(half) * 0.8 <= len(taken) <= len(half) + 3
    assert all(json.loads(row["csl"])["title"] and row["score"] > 0.5 for row in taken.values())
    assert files(matched) == (corpus("match", read, matched).exit_code == 0 and files(matched))

    brought = told(corpus("import", read, "--matches", matched, "--db", database, "--json"))
    assert (brought["sources"], brought["entries"], brought["resolved"]) == (5, len(references), len(taken))
    again = told(corpus("import", read, "--matches", matched, "--db", database, "--json"))
    assert (again["sources"], again["known"], again["last_source"]) == (0, 5, None)
    status = json.loads(CliRunner().invoke(cli, ["status", "--db", str(database), "--json"]).stdout)
    waiting = {stage["stage"]: stage["waiting"] for stage in status["stages"]}
    assert (waiting["enrichment"], waiting["queueing"]) == (len(references) - len(taken), len(taken))
    doctor = CliRunner().invoke(cli, ["doctor", "--db", str(database)])
    assert "FAIL" not in doctor.stdout


def _crossref(row: dict[str, Any], number: int) -> dict[str, Any]:
    people = [{"family": one["family"], "given": one["given"] or ""} for one in row["authors"] if one["family"]]
    return {
        "DOI": row["doi"] or f"10.5555/{number}",
        "title": [row["title"]],
        "type": "journal-article",
        "issued": {"date-parts": [[row["year"]]]},
        "author": people,
        "container-title": [row["container_title"]] if row["container_title"] else [],
        "volume": row["volume"],
        "page": row["pages"],
    }


def test_an_object_store_serves_as_input_and_output(
    read: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are those of a folder, and another call is kept off by a note that outlives its writer."""
    from dl_lit.app.corpus.places import place_at  # noqa: PLC0415 - with the store's environment

    with ObjectStore() as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        pdfs, output = place_at("s3://bucket/pdfs"), place_at("s3://bucket/out")
        pdfs.write("x/paper.pdf", SAMPLES[0].read_bytes())
        pdfs.write("letter.pdf", b"Dear reader")
        result = corpus("extract", "s3://bucket/pdfs", "s3://bucket/out", "--json")
        assert (result.exit_code, told(result)["failed"]) == (3, {"not-a-pdf": 1})
        assert told(corpus("extract", "s3://bucket/pdfs", "s3://bucket/out", "--json"))["this_run"]["documents"] == 0
        assert output.read("run.json") is None
        output.write("run.json", b'{"run": "dead", "pid": 1, "host": "elsewhere"}')
        busy = corpus("extract", "s3://bucket/pdfs", "s3://bucket/out")
        assert (busy.exit_code, "--take-over" in busy.stderr) == (4, True)
        assert corpus("extract", "s3://bucket/pdfs", "s3://bucket/out", "--take-over").exit_code == 3
        brought = told(corpus("import", "s3://bucket/out", "--db", tmp_path / "lit.db", "--json"))
        assert (brought["sources"], brought["failed"]) == (2, 1)
