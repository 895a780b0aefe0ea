"""What runs were answered is kept for the latest runs; what killed runs left without a number goes."""

from __future__ import annotations

from pathlib import Path

from dl_lit.app.wire import RUNS_KEPT, KeepingWire, exchanges_folder
from dl_lit.settings import load


def test_the_latest_records_stay_and_what_killed_runs_left_goes(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "DL_LIT_DB": str(tmp_path / "x.db"), "DL_LIT_STATE_FOLDER": str(tmp_path / "state")}
    settings = load(env=env).settings
    folder = exchanges_folder(settings.state_folder, settings.database)
    folder.mkdir(parents=True)
    for name in ("begun-1.db", "begun-1.db-wal", *(f"{number}.db" for number in range(1, RUNS_KEPT + 3)), "2.db-shm"):
        (folder / name).write_bytes(b"")
    wire = KeepingWire(settings)
    wire.belongs_to(RUNS_KEPT + 3)
    wire.close(lambda _sha256: None)
    left = {one.name for one in folder.iterdir()}
    assert {name for name in left if name.startswith("begun-")} == set()
    assert left == {f"{number}.db" for number in range(4, RUNS_KEPT + 4)}
