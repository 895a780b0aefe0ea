"""`dl-lit import-metadata` as it is run: real files, real processes, one of them killed."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.program import Home, home_at, until

from db.local_index.upkeep import stats, summary
from dl_lit.app.metadata.local_metadata import open_local_index
from dl_lit.core.model import Reference


def item(number: int) -> dict[str, Any]:
    return {
        "DOI": f"10.5555/item.{number}",
        "type": "journal-article",
        "title": [f"Drift of shore number s{number}z along the river"],
        "author": [{"family": f"Shore{number % 90}", "given": "A."}],
        "issued": {"date-parts": [[1950 + number % 70]]},
        "container-title": ["Journal of Shores"],
    }


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home", None, LOCAL_INDEX=tmp_path / "index" / "local.db") as made:
        yield made


def index_of(home: Home) -> Path:
    return Path(home.settings["DL_LIT_LOCAL_INDEX"])


def test_a_dump_is_imported_once_and_found_by_identifier_and_by_string(home: Home, tmp_path: Path):
    dump = tmp_path / "part_000.gz"
    dump.write_bytes(gzip.compress(lines(*(item(number) for number in range(50)))))
    done = home.run("import-metadata", dump, "--json")
    assert done.code == 0, done.err
    assert done.document["schema"] == "dl-lit/import-metadata/1"
    assert (done.document["files"][0]["new"], done.document["index"]["records"]) == (50, 50)
    again = home.here("import-metadata", dump, "--json")
    assert again.code == 0
    assert again.document["files"][0]["known"]
    dump.touch()  # another file, as far as can be told
    third = home.here("import-metadata", dump, "--json").document["files"][0]
    assert (third["new"], third["unchanged"]) == (0, 50)
    index = open_local_index(index_of(home))
    found = index.search(
        Reference(position=1, raw="Shore7 A. Drfit of shore number s7z along the rivre. J. Shores 1957"), 5
    )
    assert found[0].doi == "10.5555/item.7"
    assert index.by_ids("doi", ["10.5555/item.8"]).keys() == {"10.5555/item.8"}
    index.close()


def test_bad_lines_are_counted_the_first_told_and_the_rest_imported(home: Home, tmp_path: Path):
    dump = tmp_path / "ugly.jsonl"
    dump.write_bytes(lines(item(1)) + b"{broken\n" * 7 + b'{"DOI": "10.5555/untitled"}\n' + lines(item(2)))
    done = home.here("import-metadata", dump, "--json")
    (told,) = done.document["files"]
    assert done.code == 3
    assert (told["new"], told["bad"], told["untitled"], len(told["problems"])) == (2, 7, 1, 5)
    assert told["problems"][0].startswith(f"{dump}:2: ")
    assert "and 2 more" in done.err


def test_a_file_that_cannot_be_read_costs_itself_and_alone_it_is_a_usage_error(home: Home, tmp_path: Path):
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.bin"
    good.write_bytes(lines(item(1)))
    bad.write_bytes(os.urandom(5_000))
    assert home.here("import-metadata", bad, tmp_path / "nowhere").code == 2
    both = home.here("import-metadata", bad, good)
    assert both.code == 3
    assert str(bad) in both.err
    assert stats(index_of(home)).records == 1


def test_an_import_of_nothing_leaves_no_index_behind(home: Home, tmp_path: Path):
    done = home.here("import-metadata", tmp_path / "none.jsonl")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert not index_of(home).exists()
    (tmp_path / "rubbish.jsonl").write_bytes(b"{broken\n" * 72)
    done = home.here("import-metadata", tmp_path / "rubbish.jsonl")
    assert (done.code, "more that could not be read" in done.err) == (2, False)
    assert not index_of(home).exists()


@pytest.mark.parametrize("how", [["--stats"], ["--remove"], ["--rebuild", "dump.jsonl"], ["dump.jsonl"]])
def test_a_folder_in_the_place_of_the_index_is_said_to_be_one(home: Home, tmp_path: Path, how: list[str]):
    index_of(home).mkdir(parents=True)
    (tmp_path / "dump.jsonl").write_bytes(lines(item(1)))
    done = home.here("import-metadata", *(tmp_path / one if one.endswith("jsonl") else one for one in how))
    assert done.code != 0
    assert done.err == f"dl-lit: {index_of(home)} is a folder: the setting local_index names a file\n"


def test_standard_input_is_read_packed_or_not(home: Home):
    command = [sys.executable, "-m", "dl_lit", "import-metadata", "-", "--json"]
    for content in (lines(item(1), item(2)), gzip.compress(lines(item(2), item(3)))):
        done = subprocess.run(command, input=content, env=home.env(), capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["files"][0]["new"] == 1
    assert stats(index_of(home)).records == 3


def test_an_import_that_is_killed_keeps_what_it_committed_and_goes_on_from_there(home: Home, tmp_path: Path):
    """Meanwhile others read, and a second import is turned away."""
    dump = tmp_path / "large.jsonl"
    number = 12_000
    dump.write_bytes(lines(*(item(one) for one in range(number))))
    path = index_of(home)
    first = home.start("import-metadata", dump)
    until(lambda: path.exists() and _records(path) >= 5_000, "the first batch")
    first.signal(signal.SIGSTOP)  # so that it is still at it whatever else this machine does
    index = open_local_index(path)
    assert index.by_ids("doi", ["10.5555/item.77"])
    second = home.here("import-metadata", dump)
    assert second.code == 4
    assert "another import is at work" in second.err
    first.kill()
    kept = stats(path)
    assert 5_000 <= kept.records < number
    assert kept.unfinished == (str(dump),)
    done = home.here("import-metadata", dump, "--json")
    assert done.code == 0, done.err
    (told,) = done.document["files"]
    assert told["resumed_after"] == kept.records
    assert (told["new"], told["unchanged"]) == (number - kept.records, 0)
    assert done.document["index"]["records"] == number
    reference = Reference(position=1, raw="Shore29 A., Drift of shore number s11999z along the river, 1979")
    assert index.search(reference, 10)[0].doi == "10.5555/item.11999"
    index.close()


def _records(path: Path) -> int:
    try:
        found = summary(path)
    except Exception:  # noqa: BLE001 - it is just being made
        return 0
    return found.records if found else 0


def test_a_damaged_index_is_made_anew(home: Home, tmp_path: Path):
    dump = tmp_path / "d.jsonl"
    dump.write_bytes(lines(*(item(number) for number in range(20))))
    path = index_of(home)
    path.parent.mkdir()
    path.write_bytes(b"rubbish" * 4_000)
    refused = home.here("import-metadata", dump)
    assert refused.code == 1
    assert f"{path} cannot be read" in refused.err
    assert "--rebuild" in refused.err
    assert home.here("import-metadata", "--stats").code == 1
    assert home.here("import-metadata", "--rebuild").code == 1
    done = home.here("import-metadata", "--rebuild", dump, "--json")
    assert done.code == 0, done.err
    assert done.document["index"]["records"] == 20
    assert home.here("import-metadata", "--rebuild", "--json").document["copied"] == 20
    in_vain = home.here("import-metadata", "--rebuild", tmp_path / "nowhere")
    assert in_vain.code == 2
    assert stats(path).records == 20
    assert home.here("import-metadata", "--remove").code == 0
    assert not path.exists()
    assert "nothing was imported" in home.here("import-metadata", "--stats").out


@pytest.mark.parametrize("arguments", [[], ["--stats", "x"], ["--remove", "--rebuild"], ["--remove", "x"]])
def test_what_cannot_be_meant_is_a_usage_error(home: Home, arguments: list[str]):
    assert home.here("import-metadata", *arguments).code == 2
