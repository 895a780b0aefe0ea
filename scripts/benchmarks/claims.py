"""What a claim costs in a short and in a long waiting room: flat, because it walks an index and not the room.

scripts/bench claims [--json] [--rows 1000,1000000]
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import click

from db.store import SqliteStore
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import SystemClock
from dl_lit.core.model import StageName

_CLAIM = 32  # rows, the default size of a queue
_ROUNDS = 200


@click.command()
@click.option("--rows", default="1000,1000000", show_default=True, help="Lengths of the room, separated by commas.")
@click.option("--json", "as_json", is_flag=True)
def command(rows: str, *, as_json: bool) -> None:
    """Measure claiming 32 rows of `no_metadata` and giving them back, in rooms of several lengths."""
    result: dict[str, object] = {"schema": "dl-lit/bench-claims/1", "rows_per_claim": _CLAIM}
    medians = []
    for length in (int(part) for part in rows.split(",")):
        medians.append(_claim_us(length))
        result[f"claim_cpu_us_{length}"] = round(medians[-1], 1)
    result["ratio"] = round(medians[-1] / medians[0], 2)
    click.echo(json.dumps(result) if as_json else "\n".join(f"{name:24} {value}" for name, value in result.items()))


def _claim_us(length: int) -> float:
    """The median CPU time of one claim, in microseconds."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as folder:
        path = Path(folder) / "claims.db"
        SqliteStore(path, SystemClock(), RECOGNISER, synchronous="NORMAL").close()
        _fill(path, length)
        store = SqliteStore(path, SystemClock(), RECOGNISER, synchronous="NORMAL")
        taken = []
        for _ in range(_ROUNDS):
            start = time.process_time()
            claims = store.claim(StageName.ENRICHMENT, _CLAIM)
            taken.append((time.process_time() - start) * 1e6)
            store.release(claims)
        store.close()
    return statistics.median(taken)


def _fill(path: Path, length: int) -> None:
    """`length` waiting entries of sources with 100 each; written by SQL, since only reading is measured."""
    from db.connect import connect  # noqa: PLC0415

    engine = connect(path, synchronous="NORMAL")
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
    reference = '{"position": 1, "raw": "A. Author. A title. 2020."}'
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO sources (id, path, sha256, size_bytes, added_at, state) {numbers}"  # noqa: S608 - our own text
            "SELECT i, i || '.pdf', i, 1, '2026-01-01T00:00:00.000Z', 'extracted' FROM n",
            (max(1, length // 100),),
        )  # fmt: skip
        connection.exec_driver_sql(
            f"INSERT INTO entries (id, source_id, position, reference) {numbers}"  # noqa: S608
            "SELECT i, (i - 1) / 100 + 1, (i - 1) % 100 + 1, ? FROM n",
            (length, reference),
        )  # fmt: skip
        connection.exec_driver_sql("INSERT INTO no_metadata (entry_id, source_id) SELECT id, source_id FROM entries")
    engine.dispose()
