"""What a finished run left, to compare a disturbed one with an undisturbed one."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from db.reading.doctor import invariants
from db.reading.opening import reading
from dl_lit.core.database_address import is_signpost

_ENTRIES = """
SELECT s.sha256, e.position, e.reference ->> '$.raw',
       coalesce(w.doi, w.title), f.reason, d.checksum_pdf, fd.reason
FROM entries AS e JOIN sources AS s ON s.id = e.source_id
LEFT JOIN works AS w ON w.id = e.work_id
LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
LEFT JOIN downloaded_references AS d ON d.work_id = e.work_id
LEFT JOIN failed_downloads AS fd ON fd.work_id = e.work_id
ORDER BY s.sha256, e.id
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a finished run left."""

    entries: list[tuple[Any, ...]]  # in the order of their rows: source, position, text, and what became of each
    works: list[str]
    files: dict[str, str]  # name: sha256
    rows: dict[str, str]  # file_path: sha256, as the database has them
    leftovers: list[str]  # drafts and whatever else is no PDF of the library


@dataclass(frozen=True, slots=True)
class Differences:
    """How a disturbed run differs from the undisturbed one; all of it must be nothing."""

    lost: int
    doubled: int
    told: tuple[str, ...]  # one line each; more than the two numbers say: orphans, drafts, order, broken promises

    @property
    def none(self) -> bool:
        """Whether the two are equal."""
        return not (self.lost or self.doubled or self.told)


def picture(database: Path, library: Path) -> Picture:
    """Read what a run left; `sqlite3.Error` where the file cannot be read, `DatabaseUnusable` of one elsewhere."""
    if is_signpost(database):
        with reading(database) as elsewhere:
            return gathered(lambda text: [tuple(row) for row in elsewhere.exec_driver_sql(text, ())], library)
    with closing(sqlite3.connect(database)) as connection:
        return gathered(lambda text: connection.execute(text).fetchall(), library)


def gathered(ask: Callable[[str], Iterable[Sequence[Any]]], library: Path) -> Picture:
    """The same of any database: `ask` gives the rows of a statement."""
    entries = [tuple(row) for row in ask(_ENTRIES)]
    works = sorted(row[0] for row in ask("SELECT coalesce(doi, title) FROM works"))
    rows = {row[0]: row[1] for row in ask("SELECT file_path, checksum_pdf FROM downloaded_references")}
    files, leftovers = {}, []
    for path in sorted(library.rglob("*")):
        name = str(path.relative_to(library))
        if path.is_file() and name.endswith(".pdf") and not name.startswith("."):
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.is_file():
            leftovers.append(name)
    return Picture(entries, works, files, rows, leftovers)


def broken_promises(database: Path) -> list[str]:
    """The promises of `dl-lit doctor` that do not hold on a database."""
    with reading(database) as connection:
        return [finding.name for finding in invariants(connection) if not finding.holds]


def differences(expected: Picture, found: Picture) -> Differences:
    """What of the expected is missing, twice, left over, otherwise, or out of order."""
    wanted, got = (Counter(entry[:3] for entry in one.entries) for one in (expected, found))
    hashes_wanted, hashes_got = (Counter(one.files.values()) for one in (expected, found))
    works_wanted, works_got = Counter(expected.works), Counter(found.works)
    pairs = ((wanted, got), (works_wanted, works_got), (hashes_wanted, hashes_got))
    lost = [str(one) for a, b in pairs for one in (a - b).elements()]
    doubled = [str(one) for a, b in pairs for one in (b - a).elements()]
    told = [f"lost: {one}" for one in lost] + [f"doubled: {one}" for one in doubled]
    told += [
        f"in the library without a row, or the reverse: {name}" for name in sorted(set(found.files) ^ set(found.rows))
    ]
    told += [f"row and file differ: {name}" for name, sha in found.rows.items() if found.files.get(name, sha) != sha]
    told += [f"left behind: {name}" for name in found.leftovers]
    outcomes = {entry[:3]: entry[3:] for entry in expected.entries}
    told += [
        f"ended otherwise: {entry[:2]} as {entry[3:]} instead of {outcomes[entry[:3]]}"
        for entry in found.entries
        if entry[:3] in outcomes and entry[3:] != outcomes[entry[:3]]
    ]
    # An entry's row number rises with its position, within each source.
    told += [f"out of order: {b[:2]}" for a, b in pairwise(found.entries) if a[0] == b[0] and a[1] >= b[1]]
    return Differences(len(lost), len(doubled), tuple(told))
