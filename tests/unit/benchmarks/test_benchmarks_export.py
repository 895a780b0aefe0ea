"""The benchmark of exports in its shortest form: that everybody writes the same works; never how fast."""

from __future__ import annotations

from pathlib import Path

from benchmarks.export import library
from benchmarks.export_child import by_bibtexparser, by_dl_lit, by_pybtex, by_writing


def test_everybody_writes_every_work(tmp_path: Path) -> None:
    database = tmp_path / "some.db"
    works = library(database, 30, universe=tmp_path / "none.gz")
    assert works >= 30
    ours = tmp_path / "ours.bib"
    by_dl_lit(database, "bibtex", ours)
    for number, write in enumerate((by_writing, by_bibtexparser, by_pybtex)):
        file = tmp_path / f"{number}.bib"
        write(database, str(ours), file)
        assert file.read_text(encoding="utf-8").count("\n@") + 1 >= works, write.__name__
    assert (tmp_path / "0.bib").read_text(encoding="utf-8") == ours.read_text(encoding="utf-8")
