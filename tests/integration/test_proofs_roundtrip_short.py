"""The proof of round trips, in short: the nasty records alone, and the readers that need no other program."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from proofs.roundtrip import proof, records
from proofs.roundtrip.attached import as_jabref, as_zotero


def _proven(folder: Path) -> proof.Verdict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # citeproc-py's, of fields that it has no use for
        return proof.proven(0, folder / "nowhere.gz", folder, time.monotonic(), present=lambda _program: False)


def test_every_nasty_record_comes_back_from_every_format_with_its_file(tmp_path: Path) -> None:
    verdict = _proven(tmp_path)
    assert verdict.failures == []
    assert verdict.sound
    assert verdict.more["absent"] == ["biber", "pandoc"]
    for form in ("bibtex", "biblatex", "ris", "csl-json", "zotero-rdf", "csv", "jsonl"):
        told = verdict.more[form]
        assert told["records"] == told["equal"] == len(records.TITLES)
        assert told["errors"] == 0


def test_a_field_that_is_lost_and_a_file_that_is_not_there_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proof that could not fail would prove nothing."""
    good = proof.with_files

    def with_faults(all_: object, folder: Path) -> object:
        for number, record in enumerate(good(all_, folder)):  # type: ignore[arg-type]
            yield replace(record, file="files/none.pdf") if number == 0 else record

    monkeypatch.setattr(proof, "with_files", with_faults)
    monkeypatch.setitem(records.TITLES, "#", "another title")
    verdict = _proven(tmp_path)
    assert not verdict.sound
    for form in ("bibtex", "biblatex", "ris", "zotero-rdf", "csv"):
        assert verdict.more[form]["equal"] <= len(records.TITLES) - 1
        assert any(told.startswith(form) and "nasty0: its file is not there" in told for told in verdict.failures)
    assert any(told.startswith("ris") and "another title" in told for told in verdict.failures)


@pytest.mark.parametrize("path", [r"a\;b\:c.pdf", r"back\\slash\\.pdf", r"\$x\$.pdf"])
def test_the_readers_of_paths_are_those_of_the_programs(path: str) -> None:
    assert as_zotero(f"Full Text PDF:{path}:application/pdf") == as_jabref(f":{path}:PDF")
