"""One export in a process of its own, so that its peak of memory is its own: seconds, MB and what it wrote, as JSON.

python -m benchmarks.export_child dl-lit|writing|bibtexparser|pybtex DATABASE FORM FILE
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from proofs.scale.memory import peak_mb

Took = tuple[float, float]
"""Seconds on the clock, and of processor time: on a machine with other work these are the ones to compare."""


def _now() -> Took:
    return time.perf_counter(), time.process_time()


def _since(began: Took) -> Took:
    return time.perf_counter() - began[0], time.process_time() - began[1]


def by_dl_lit(database: Path, form: str, file: Path) -> Took:
    """The command as people call it; its seconds, reading the database included."""
    from dl_lit.cli import cli  # noqa: PLC0415 - each in its own process, with what it needs alone

    words = ["export", "--format", form, "--output", str(file), "--db", str(database)]
    began = _now()
    cli.main([*words, "--library", str(database.parent / "library")], standalone_mode=False)
    return _since(began)


def by_writing(database: Path, _form: str, file: Path) -> Took:
    """Our writing alone, of records that are in memory: what the others are asked for."""
    from db.reading.opening import reading  # noqa: PLC0415 - as above
    from dl_lit.app.outcome.choice import FilesNamed  # noqa: PLC0415
    from dl_lit.app.outcome.citing import citing  # noqa: PLC0415
    from dl_lit.app.outcome.records import export_records  # noqa: PLC0415
    from dl_lit.exports.bibtex import bibtex  # noqa: PLC0415

    files = FilesNamed(database.parent / "library", file.parent)
    with reading(database) as connection, citing(connection, database, "{author}{year}") as keys:
        records = list(export_records(connection, keys, files))
    began = _now()
    with file.open("w", encoding="utf-8") as to:
        to.writelines(bibtex(records))
    return _since(began)


def by_bibtexparser(_database: Path, bib: str, file: Path) -> Took:
    """Bibtexparser writing the entries of our file, which it has read."""
    import bibtexparser  # noqa: PLC0415 - as above

    library = bibtexparser.parse_string(Path(bib).read_text(encoding="utf-8"), parse_stack=[])
    began = _now()
    file.write_text(bibtexparser.write_string(library), encoding="utf-8")
    return _since(began)


def by_pybtex(_database: Path, bib: str, file: Path) -> Took:
    """The same by pybtex."""
    from pybtex.database import parse_file  # noqa: PLC0415 - as above

    library = parse_file(bib, bib_format="bibtex")
    began = _now()
    file.write_text(library.to_string("bibtex"), encoding="utf-8")
    return _since(began)


def main() -> None:
    """What the command line says."""
    who, database, form, file = sys.argv[1:]
    ways = {"dl-lit": by_dl_lit, "writing": by_writing, "bibtexparser": by_bibtexparser, "pybtex": by_pybtex}
    seconds, cpu_s = ways[who](Path(database), form, Path(file))
    with Path(file).open("rb") as written:
        entries = sum(line.startswith(b"@") for line in written)
    print(json.dumps({"seconds": round(seconds, 2), "cpu_s": round(cpu_s, 2), "rss_mb": peak_mb(), "entries": entries}))


if __name__ == "__main__":
    main()
