"""From exec to the first item in hand costs processor time: see "Crash" in docs/reliability.md."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

_CODE = """
import dataclasses, json, sys
import dl_lit.cli.process_folder_concurrent
from dl_lit.cli.bringing import without_rich
with without_rich():
    import dl_lit.app.run, dl_lit.app.workshop
    import dl_lit.cli.progress
    of_a_run = sorted(sys.modules)
    import dl_lit.app.watch
    of_the_daemon = sorted(sys.modules)
    import dl_lit.app.beside
from db import moves, rooms
slow = {
    f"{one.__module__}.{one.__qualname__}"
    for name, module in list(sys.modules.items())
    if name.split(".")[0] in {"dl_lit", "stages", "db"}
    for one in vars(module).values()
    if isinstance(one, type) and one.__module__ == name and dataclasses.is_dataclass(one)
    and one.__dataclass_params__.frozen and "__slots__" in vars(one)
}
print(json.dumps({
    "of_a_run": of_a_run,
    "of_the_daemon": of_the_daemon,
    "modules": sorted(sys.modules),
    "compiled": [name for name, one in vars(moves).items() if isinstance(one, rooms.Hot) and one._sql],
    "slow": sorted(slow),
}))
"""


@cache
def started() -> dict[str, Any]:
    """A process that has brought in what a run and the daemon do before their first item."""
    done = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_brings_in_nothing_that_it_may_not_need() -> None:
    late = {
        *("rich", "alembic", "sqlalchemy.dialects.postgresql", "pypdfium2", "dl_lit.demo"),
        *("dl_lit.landing.finder", "dl_lit.matching.proof.judging"),
        *("dl_lit.app.language.opened", "stages.language.reader", "stages.grobid.reader"),
    }
    assert late & set(started()["modules"]) == set()


def test_a_run_brings_in_afterwards_what_only_tells_of_it() -> None:
    late = {
        *("dl_lit.app.now.heart", "dl_lit.app.now.snapshot", "dl_lit.app.notices", "dl_lit.app.metrics"),
        *("dl_lit.app.telemetry", "dl_lit.app.language.documents", "dl_lit.web", "db.reading.status", "db.language"),
    }
    assert late & set(started()["of_a_run"]) == set()


def test_so_does_the_daemon() -> None:
    late = {
        "dl_lit.app.now.heart",
        "dl_lit.app.control_surface",
        "dl_lit.app.telemetry",
        "dl_lit.runtime.watching.folder",
    }
    assert late & set(started()["of_the_daemon"]) == set()


def test_no_statement_is_compiled_before_its_first_use() -> None:
    assert started()["compiled"] == []


def test_its_values_are_made_quickly() -> None:
    """By `dl_lit.core.values`: the standard library's way was a third of a start."""
    assert started()["slow"] == []
