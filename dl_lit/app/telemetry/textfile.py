"""Metrics in a file, for the textfile collector of Prometheus' node exporter.

Source: https://github.com/prometheus/node_exporter#textfile-collector (read 2026-11-23): files end with `.prom` and
are to be replaced in one step.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dl_lit.web.metrics import Metric, rendered


def write_textfile(path: Path, metrics: Iterable[Metric]) -> None:
    """Replace the file in one step, readable for everybody; raises `OSError`.

    It is not forced to the disk: after a power cut the next one is made in seconds.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")  # the collector passes over what does not end with .prom
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(rendered(metrics), encoding="utf-8")
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()
