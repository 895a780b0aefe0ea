"""Peers beside us in the extraction benchmark: measured as programs of their own, left out with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import extraction_peers
from benchmarks.extraction_peers import NotToBeHad, Peer, measured, prepare, read
from benchmarks.peers.mapping import name

PEERS = Path(extraction_peers.__file__).parent / "peers"
TOOL = Peer("tool", "tool==1.0", "MIT", "tool_adapter", "no-such-program-anywhere", "no-such-package")


@pytest.mark.parametrize(
    ("printed", "family", "given"),
    [
        ("Knuth, D. E.", "Knuth", "D. E."),
        ("Haunstetter A", "Haunstetter", "A"),
        ("D. E. Knuth", "Knuth", "D. E."),
        ("de la Cruz MJ", "de la Cruz", "MJ"),
        ("Donald Knuth", "Knuth", "Donald"),
        ("Smith et al.", "Smith", ""),
    ],
)
def test_printed_names_are_taken_apart(printed: str, family: str, given: str) -> None:
    assert name(printed) == {"family": family, "given": given}


def test_no_name_is_none() -> None:
    assert name(" et al. ,") is None


def test_a_program_is_measured_with_what_it_starts(tmp_path: Path) -> None:
    burn = "sum(range(3_000_000))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    taken = measured([sys.executable, "-c", code], 60.0, tmp_path / "log")
    assert taken.exit_code == 0
    assert taken.cpu_s > 0.02
    assert taken.peak_mb > 3


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    code = "import subprocess; subprocess.run(['sleep', '1000'])"
    taken = measured([sys.executable, "-c", code], 0.3, tmp_path / "log")
    assert taken.exit_code is None
    assert taken.wall_s < 30


def test_a_peer_whose_program_is_missing_is_left_out_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction_peers.os, "geteuid", lambda: 1000)
    with pytest.raises(NotToBeHad, match=r"^tool was left out: it needs no-such-program-anywhere \(on Debian: .*\)\.$"):
        prepare(TOOL)


def test_a_peer_whose_wheels_cannot_be_had_is_left_out_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing half-made stays behind, so that the next call tries again."""
    monkeypatch.setattr(extraction_peers, "ENVIRONMENTS", tmp_path)
    peer = Peer("tool", "not a requirement ==", "MIT", "tool_adapter")
    with pytest.raises(NotToBeHad, match=r"^tool was left out: its wheels could not be had \(.*\)\.$"):
        prepare(peer)
    assert list(tmp_path.iterdir()) == []


def test_an_adapter_tells_every_file_its_own_error(tmp_path: Path) -> None:
    """A file that a peer stumbles over, or takes too long for, costs that file alone."""
    adapter = tmp_path / "adapter.py"
    adapter.write_text(
        f"import sys, time\nsys.path.insert(0, {str(PEERS)!r})\nfrom mapping import run\n"
        "def read(path):\n"
        "    if 'slow' in path: time.sleep(30)\n"
        "    if 'bad' in path: raise ValueError('no references')\n"
        "    return [{'raw': path}, {'raw': 'second'}]\n"
        "run(read)\n",
        encoding="utf-8",
    )
    out = tmp_path / "out.jsonl"
    subprocess.run(
        [sys.executable, str(adapter), str(out), "1", "slow.pdf", "bad.pdf", "x.pdf"], check=True, timeout=60
    )
    slow, bad, well = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert slow["error"] == "TookTooLong: took too long"
    assert bad["error"] == "ValueError: no references"
    assert (well["error"], [one["position"] for one in well["references"]]) == (None, [1, 2])


def test_files_a_peer_did_not_get_to_are_errors(tmp_path: Path) -> None:
    peer = Peer("tool", "tool==1.0", "MIT", "no_such_adapter")
    pdfs = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    taken = read(peer, Path(sys.executable), pdfs, tmp_path, timeout_s=30.0, file_s=5)
    assert [one["error"] for one in taken["documents"]] == ["it ended with 2", "it ended with 2"]
