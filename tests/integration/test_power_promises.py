"""What was reported as kept is there after a power cut, on a disk that has kept nothing but what was synced."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from proofs.power.disk import Kept, Outage, files_in, remains
from proofs.power.tape import Tape
from proofs.shim.journal import calls
from proofs.shim.loaded import build, compiler

from tests.fakes.promising import PDF

pytestmark = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """For each promise, what is on the disk if the power goes right after it was reported."""
    base = tmp_path_factory.mktemp("promises")
    root, journal = base / "root", base / "journal"
    for afterwards in ("move", "link"):
        (root / afterwards / "inbox").mkdir(parents=True)
        for name in ("good.pdf", "bad.pdf"):
            (root / afterwards / "inbox" / name).write_bytes(PDF + name.encode())
    tape = Tape.of_folder(root)
    shim = build(base).environment(root, {}, journal=journal, with_data=True)
    command = [sys.executable, "-m", "tests.fakes.promising", str(root)]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(CHECKOUT)} | shim, check=True, timeout=60)
    seen = list(calls(journal, []))
    tape.record(seen)
    cuts = {call.data.decode().strip(): at + 1 for at, call in enumerate(seen) if call.path == str(root / "reported")}
    harshest = {"is_strict": True, "names": Kept.NOTHING, "bytes": Kept.NOTHING, "seed": 0}
    return {name: dict(files_in(tape, remains(tape, Outage(cut, **harshest)))) for name, cut in cuts.items() if name}


def test_a_file_of_the_library_is_there_and_one_that_was_removed_is_not(left: dict[str, dict[str, bytes]]) -> None:
    files = {name: content for name, content in left["library"].items() if name.startswith("shelves/library/V")}
    assert files == {"shelves/library/Volta_1800_Power-0.pdf": PDF}
    assert {name for name in left["library"] if name.endswith(".receipt.json")} == {
        f"shelves/library/.incoming/work-{number}.receipt.json" for number in (0, 1)
    }


def test_papers_are_where_they_were_put(left: dict[str, dict[str, bytes]]) -> None:
    moved = {name for name in left["filing"] if name.startswith("move/inbox")}
    assert moved == {
        f"move/inbox/{name}" for name in ("completed/good.pdf", "failed/bad.pdf", "failed/bad.pdf.reason.txt")
    }
    assert left["filing"]["move/inbox/failed/bad.pdf.reason.txt"].startswith(b"no-text-layer")
    assert {"link/inbox/completed/good.pdf", "link/inbox/failed/bad.pdf"} <= set(left["filing"])


def test_an_upload_is_there(left: dict[str, dict[str, bytes]]) -> None:
    assert [content for name, content in left["upload"].items() if name.startswith("new/uploads")] == [PDF]


def test_a_database_in_new_folders_is_there_and_its_backup(left: dict[str, dict[str, bytes]]) -> None:
    assert "deep/er/kept.db" in left["backup"]
    found = {name.rpartition("/")[2]: content for name, content in left["backup"].items() if "backups/here" in name}
    assert set(found) == {"dl-lit.db", "manifest.json"}
    assert all(found.values())


def test_an_export_is_the_one_before_or_the_one_after(left: dict[str, dict[str, bytes]]) -> None:
    assert left["export"].get("works.bib") == b"after"
