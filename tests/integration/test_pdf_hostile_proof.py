"""The proof on hostile files, in short: bad PDFs of every cheap family and every parser of ours fed with rubbish."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from proofs.__main__ import main
from proofs.hostile.fuzz.mutating import mutated
from proofs.hostile.fuzz.running import fed
from proofs.hostile.fuzz.target import Target, tried
from proofs.hostile.fuzz.targets import TARGETS
from proofs.hostile.made import FAMILIES, made
from proofs.hostile.reading import Outcome, complaints, outcomes_of
from proofs.hostile.verbs import all_done

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.reader import MEMORY_BYTES

SOUND = sorted((Path(__file__).parents[2] / "dl_lit" / "demo" / "samples").glob("*.pdf"))
SLOW = {"bombs", "drawing", "texts", "packets"}  # some of theirs are meant to take their time
HEAVY = {"layout": 3, "entries": 10, "landing-pages": 10, "references-files": 10}  # inputs of these; 40 of the others


def prove(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of `scripts/prove hostile` with these arguments."""
    done = CliRunner().invoke(main, ["hostile", "--json", "--timeout", "8", *arguments])
    return done.exit_code, json.loads(done.stdout)


def test_a_bad_pdf_of_every_cheap_family_ends_in_one_typed_outcome(tmp_path: Path) -> None:
    files = [one for one in made(len(FAMILIES), 1, SOUND) if one.family not in SLOW]
    assert len(files) == len(FAMILIES) - len(SLOW)
    paths = [tmp_path / f"{one.family}.pdf" for one in files]
    for path, one in zip(paths, files, strict=True):
        path.write_bytes(one.data)
    outcomes = outcomes_of(paths, workers=1, timeout_s=8.0, sound=SOUND[0])
    assert complaints(outcomes, 8.0) == []
    assert len(outcomes) == len(paths), "a sound paper is told of only where it could not be read"
    assert {"read", Reason.DAMAGED_PDF} < {one.outcome for one in outcomes}
    some = [path for path in paths if path.stem in {"encryption", "page-trees", "attachments"}]
    assert all_done(some, tmp_path / "orders", timeout_s=8.0) == (18, [])


def test_files_of_a_folder_are_read_however_deep(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "noise").write_bytes(random.Random(1).randbytes(999))
    code, report = prove("--files", str(tmp_path))
    assert (code, report["tried"], report["outcomes"]) == (0, 1, {"not-a-pdf": 1})


def test_a_folder_without_files_proves_nothing(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["hostile", "--files", str(tmp_path)]).exit_code == 2


def test_what_is_made_is_the_same_for_a_seed_and_differs_from_one_file_to_the_next() -> None:
    first = [one.data for one in made(40, 5, SOUND[:2])]
    assert first == [one.data for one in made(40, 5, SOUND[:2])]
    assert first != [one.data for one in made(40, 6, SOUND[:2])]
    assert len(set(first)) == 40


def test_crashes_untyped_ends_and_what_is_over_its_caps_are_told() -> None:
    """The proof's own detectors, fed with what they are for."""
    told = complaints(
        [
            Outcome("a", "read", "", 1.0, 100),
            Outcome("b", "parser-crashed", "SIGSEGV", 1.0, 100),
            Outcome("c", "untyped", "ValueError()", 1.0, 100),
            Outcome("d", "damaged-pdf", "", 81.0, 100),
            Outcome("e", "damaged-pdf", "", 1.0, (MEMORY_BYTES >> 20) + 1),
            Outcome("f", "unread", "a sound paper", 1.0, 1),
        ],
        30.0,
    )
    assert [one.partition(":")[0] for one in told] == ["b", "c", "d", "e", "f"]


@pytest.mark.parametrize("name", TARGETS)
def test_parsers_bear_rubbish(name: str) -> None:
    """Each target of the fuzz run, fed with what it begins with and some changes to it."""
    target, chance = TARGETS[name], random.Random(f"short/{name}")
    seeds = target.seeds()
    few = HEAVY.get(name, 40)
    inputs = [chance.choice(seeds) for _ in range(3)]
    inputs += [mutated(chance.choice(seeds), chance, min(target.most_bytes, 8_000), seeds) for _ in range(few)]
    assert fed([target], {name: inputs}) == []


def test_a_parser_that_raises_or_takes_its_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofs.hostile.fuzz.target.LONGEST_S", 0.02)

    def read(data: bytes) -> None:
        if data == b"slow":
            sum(range(4_000_000))
        raise {b"typed": PdfError(Reason.DAMAGED_PDF)}.get(data, KeyError("x"))

    target = Target("bad", read, lambda: [b""], (PdfError, KeyError))
    assert tried(target, b"typed") is None
    slow = tried(target, b"slow")
    assert slow is not None
    assert slow.kind == "slow"
    raised = tried(Target("bad", read, lambda: [b""], (PdfError,)), b"")
    assert raised is not None
    assert (raised.kind, raised.what) == ("raised", "KeyError: \"'x'\"")
