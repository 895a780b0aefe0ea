"""What a run leaves for people beside the PDFs: library.bib, a report for each source, and their index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from db.reading.opening import reading
from db.reading.sources import sources_with_entries
from dl_lit.app.care.drafts import replace_file, sweep
from dl_lit.app.outcome.choice import FilesNamed
from dl_lit.app.outcome.citing import citing, give_keys_ahead, keys_not_kept
from dl_lit.app.outcome.records import export_records, named_and_linked, source_report
from dl_lit.app.shelving import shelf_of
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import DlLitError
from dl_lit.core.values import dataclass
from dl_lit.exports import report
from dl_lit.exports.bibtex import bibtex
from dl_lit.exports.report_model import IndexRow
from dl_lit.settings import Settings

REPORTS = "reports"
"""The folder within the library that the reports are put into."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where things were written."""

    library_bib: Path
    index: Path
    reports: tuple[Path, ...]  # one a source, in the order they were added
    trouble: str | None = None  # what did not go as it should, in words


def write_results(settings: Settings, source_ids: Sequence[int], clock: Clock | None = None) -> Written:
    """Write library.bib (the whole library) and the reports of these sources; existing ones are replaced.

    Raises `DlLitError` where the library is not there, or its disk refuses.
    """
    clock = clock or SystemClock()
    library = settings.library_folder
    if not library.is_dir():
        raise DlLitError(f"no reports are written: the library {library} is not there (not mounted?)")
    try:
        return _written(settings, source_ids, clock)
    except OSError as error:
        raise DlLitError(f"no reports are written into the library {library}: {error.strerror}") from error


def _written(settings: Settings, source_ids: Sequence[int], clock: Clock) -> Written:
    library, now = settings.library_folder, clock.now()
    named = settings.library
    shelf = shelf_of(settings, clock)
    folder = library / REPORTS
    folder.mkdir(exist_ok=True)
    for place in (library, folder):
        sweep(place)
    database, pattern = settings.database, settings.export.citation_key
    trouble = give_keys_ahead(database, pattern, clock=clock)
    with reading(database) as connection, citing(connection, database, pattern, clock, trouble=trouble) as keys:
        replace_file(library / "library.bib", bibtex(export_records(connection, keys, FilesNamed(named, library))))
        shelf.publish("library.bib", library / "library.bib")
        rows, paths = [], []
        for view in sources_with_entries(connection, source_ids):
            works = {entry.work.id for entry in view.entries if entry.work}
            one = source_report(view, *named_and_linked(connection, keys, works), FilesNamed(named, folder), now)
            path = folder / report_name(view.facts.path, view.facts.id)
            replace_file(path, [report.source_report(one, index_href="index.html")])
            shelf.publish(f"{REPORTS}/{path.name}", path)
            rows.append(IndexRow(path.name, one))
            paths.append(path)
    here = {path.name for path in paths} | {"index.html"}
    earlier = sorted(path.name for path in folder.glob("*.html") if path.name not in here)
    replace_file(folder / "index.html", [report.index_report(rows, generated_at=now, earlier=earlier)])
    shelf.publish(f"{REPORTS}/index.html", folder / "index.html")
    return Written(library / "library.bib", folder / "index.html", tuple(paths), keys_not_kept(keys))


def report_name(source_path: str, source_id: int) -> str:
    """A file name that says which source it is of and differs from that of every other."""
    stem = re.sub(r"[^\w.-]+", "-", Path(source_path).stem).strip("-.")[:80] or "source"
    return f"{stem}-{source_id}.html"
