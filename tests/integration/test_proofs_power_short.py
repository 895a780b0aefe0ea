"""The power goes, in short: what was reported as kept is there, and a paper is there at every moment."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from proofs.power.after_deeds import State, all_tried, record, tried
from proofs.power.deeds import DEEDS
from proofs.power.disk import Kept, Outage, any_outage, files_in, materialise, remains
from proofs.power.judging import files_amiss, reported_done
from proofs.power.moments import moments
from proofs.power.tape import Tape
from proofs.shim.journal import Call, calls

from db.connect import open_database
from dl_lit import logs
from tests.fakes.promising import PDF
from tests.fakes.shimmed import needs_compiler, shim

pytestmark = needs_compiler
CHECKOUT = Path(__file__).resolve().parents[2]
PAPERS = {f"{how}/inbox/{name}": PDF + name.encode() for how in ("move", "link") for name in ("good.pdf", "bad.pdf")}


@dataclass(frozen=True)
class Recording:
    """A recorded run of the program that makes promises."""

    tape: Tape
    calls: Sequence[Call]
    cuts: Mapping[str, int]  # right after each promise was reported

    def left(self, promise: str) -> dict[str, bytes]:
        """The files on the harshest disk, if the power goes right after the promise."""
        cut = Outage(self.cuts[promise], is_strict=True, names=Kept.NOTHING, bytes=Kept.NOTHING, seed=0)
        return dict(files_in(self.tape, remains(self.tape, cut)))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    base = tmp_path_factory.mktemp("promises")
    root, journal = base / "root", base / "journal"
    for name, content in PAPERS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    tape = Tape.of_folder(root)
    env = os.environ | {"PYTHONPATH": str(CHECKOUT)} | shim().environment(root, {}, journal=journal, with_data=True)
    subprocess.run([sys.executable, "-m", "tests.fakes.promising", str(root)], env=env, check=True, timeout=60)
    seen = list(calls(journal, []))
    tape.record(seen)
    told = {call.data.decode().strip(): at + 1 for at, call in enumerate(seen) if call.path == str(root / "reported")}
    return Recording(tape, seen, told)


def test_a_file_of_the_library_is_there_and_one_that_was_removed_is_not(kept: Recording) -> None:
    left = kept.left("library")
    files = {name: content for name, content in left.items() if name.startswith("shelves/library/V")}
    assert files == {"shelves/library/Volta_1800_Power-0.pdf": PDF}
    receipts = {f"shelves/library/.incoming/work-{number}.receipt.json" for number in (0, 1)}
    assert {name for name in left if name.endswith(".receipt.json")} == receipts


def test_papers_are_where_they_were_put(kept: Recording) -> None:
    left = kept.left("filing")
    told = "move/inbox/failed/bad.pdf.reason.txt"
    moved = {name for name in left if name.startswith("move/inbox")}
    assert moved == {"move/inbox/completed/good.pdf", "move/inbox/failed/bad.pdf", told}
    assert left[told].startswith(b"no-text-layer")
    assert {"link/inbox/completed/good.pdf", "link/inbox/failed/bad.pdf"} <= set(left)


def test_an_upload_a_database_in_new_folders_its_backup_and_an_export_are_there(kept: Recording) -> None:
    left = kept.left("export")
    assert [content for name, content in left.items() if name.startswith("new/uploads")] == [PDF]
    assert "deep/er/kept.db" in left
    backup = {name.rpartition("/")[2]: content for name, content in left.items() if "backups/here" in name}
    assert set(backup) == {"dl-lit.db", "manifest.json"}
    assert all(backup.values())
    assert left["works.bib"] == b"after"


def test_whenever_the_power_goes_no_paper_is_lost_and_no_file_of_the_library_is_another(kept: Recording) -> None:
    """On 150 disks: those of an empty content in the library are adopted by none, for their receipts name another."""
    chance = random.Random(1)
    papers = set(PAPERS.values())
    for (_, cut), _ in zip(moments(kept.calls, chance), range(150), strict=False):
        outage = any_outage(cut, chance)
        left = dict(files_in(kept.tape, remains(kept.tape, outage)))
        assert papers <= {content for name, content in left.items() if "/inbox/" in name}, outage
        if cut >= kept.cuts["library"]:
            assert left["shelves/library/Volta_1800_Power-0.pdf"] == PDF, outage


def test_whenever_the_power_goes_the_database_opens(kept: Recording, tmp_path: Path) -> None:
    chance = random.Random(2)
    first, last = kept.cuts["upload"], kept.cuts["backup"]
    for number in range(8):
        outage = any_outage(chance.randint(first, last), chance)
        folder = tmp_path / str(number)
        materialise(kept.tape, remains(kept.tape, outage), folder)
        database = folder / "deep" / "er" / "kept.db"
        open_database(database).dispose()
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], outage


@pytest.mark.parametrize("name", ["hand-in", "restore"])
def test_what_people_do_beside_a_pipeline_stands_when_it_was_reported(name: str, tmp_path: Path) -> None:
    """On the harshest disk right at its end, and at a moment before; what was not done is done again."""
    logs.configure(level="critical", form="json", file=None)
    done = record(next(one for one in DEEDS if one.name == name), tmp_path / "deed", shim())
    at_the_end = Outage(len(done.calls), is_strict=True, names=Kept.NOTHING, bytes=Kept.NOTHING, seed=0)
    assert tried(done, "end", at_the_end).failures == ()
    assert [one.failures for one in all_tried(done, 1, seed=4)] == [()]


def test_what_is_lost_after_a_deed_is_seen(tmp_path: Path) -> None:
    done = record(next(one for one in DEEDS if one.name == "file refused"), tmp_path / "deed", shim())
    (done.root / "library" / "twice.pdf").write_bytes(PDF)
    with closing(sqlite3.connect(done.root / "dl-lit.db")) as connection, connection:
        connection.execute("DELETE FROM refused_files")
    found = State.of(done.root).unlike(done.expected)
    assert [one.partition(":")[0] for one in found] == ["lost", "left behind"]


def test_room_that_is_reserved_makes_a_file_longer_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes").write_bytes(b"held")
    tape = Tape.of_folder(tmp_path)
    inode = (tmp_path / "notes").stat().st_ino
    room = Call("other", 1, 1, "fallocate", str(tmp_path / "notes"), "", inode, 2, 6, 0, failed=False, data=b"")
    tape.record([room])
    whole = Outage(2, is_strict=True, names=Kept.ALL, bytes=Kept.ALL, seed=0)
    assert dict(files_in(tape, remains(tape, whole))) == {"notes": b"held\0\0\0\0"}
    nothing = Outage(2, is_strict=True, names=Kept.NOTHING, bytes=Kept.NOTHING, seed=0)
    assert dict(files_in(tape, remains(tape, nothing))) == {"notes": b"held"}


def test_the_judge_sees_a_row_whose_file_is_missing_or_torn(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "right.pdf").write_bytes(PDF)
    (library / "torn.pdf").write_bytes(PDF[:10] + bytes(len(PDF) - 10))
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        assert files_amiss(connection, library) == []  # a database without tables promises nothing
        connection.execute("CREATE TABLE downloaded_references (work_id, file_path, checksum_pdf)")
        sha256 = hashlib.sha256(PDF).hexdigest()
        rows = [(number, f"{name}.pdf", sha256) for number, name in enumerate(("right", "torn", "missing"))]
        connection.executemany("INSERT INTO downloaded_references VALUES (?, ?, ?)", rows)
        assert files_amiss(connection, library) == [
            "row of w1 without its file: torn.pdf",
            "row of w2 without its file: missing.pdf",
        ]


def test_what_was_reported_done_is_read_from_the_log_as_it_was_at_the_cut() -> None:
    lines = [
        b'{"event": "item", "outcome": "done", "stage": "download", "job": 4}\n{"event": "item", ',
        b'"outcome": "retry", "stage": "download", "job": 5}\n',
    ]
    seen = [Call("log", 1, 1, "write", "/r/log.jsonl", "", 0, 0, 0, 0, failed=False, data=data) for data in lines]
    assert reported_done(seen, Path("/r/log.jsonl")) == {("download", 4)}
    assert reported_done(seen, Path("/r/another")) == set()
