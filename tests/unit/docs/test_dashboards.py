"""The alerts and the dashboard that come with dl_lit ask for metrics that there are, with labels that they have."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.conditions import Ailment
from dl_lit.core.model import StageName
from dl_lit.core.reasons import ReasonClass

ROOT = Path(__file__).parents[3]
RULES = ROOT / "systemd" / "prometheus" / "dl-lit.rules.yml"
BOARD = ROOT / "systemd" / "grafana" / "dl-lit.json"
ADDED = {"job", "instance", "le"}  # by Prometheus, and by histograms
VALUES: dict[str, set[str]] = {
    "stage": set(map(str, StageName)),
    "class": set(map(str, ReasonClass)),
    "ailment": set(map(str, Ailment)),
}


@cache
def listed() -> dict[str, tuple[str, set[str]]]:
    """The metrics of the documentation, which a test keeps in step with the program: kind and labels."""
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(dl_lit_[a-z_]+)` \| (\w+) \| ([^|]*) \|", text, re.MULTILINE)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def expressions() -> Iterator[str]:
    """Every question asked of Prometheus."""
    rules = RULES.read_text(encoding="utf-8")
    yield from re.findall(r"^ +expr: (?!>-)(.+)$", rules, re.MULTILINE)
    for block in re.findall(r"^ +expr: >-\n((?: {10}.+\n)+)", rules, re.MULTILINE):
        yield " ".join(block.split())
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    yield from (target["expr"] for panel in board["panels"] for target in panel.get("targets", []))
    yield from (one["expr"] for one in board["annotations"]["list"])
    yield from (one["definition"] for one in board["templating"]["list"] if one["type"] == "query")


def test_only_metrics_that_there_are_are_asked_for_with_labels_that_they_have() -> None:
    """Counters in rates only, buckets of histograms only, values of labels as they are written."""
    asked = set()
    for text in expressions():
        for name, selectors in re.findall(r"\b(dl_lit_[a-z_]+)(?:\{([^}]*)\})?", text):
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            kind, labels = listed()[base if base in listed() else name]
            assert (kind == "histogram") == (base != name), name
            if kind == "counter":
                assert re.search(rf"(rate|increase)\({name}", text), text
            for label, values in re.findall(r'(\w+)[!=]~?"([^"]*)"', selectors):
                assert label in labels | ADDED, f"{name}{{{label}}}"
                assert label not in VALUES or set(values.split("|")) <= VALUES[label], values
            asked.add(base)
        for grouped in re.findall(r"\b(?:by|on) \(([^)]*)\)", text):
            assert set(grouped.split(", ")) <= ADDED | set().union(*(labels for _, labels in listed().values()))
    assert len(asked) > 30


def test_the_dashboards_panels_stand_side_by_side() -> None:
    """None above another, none without a question, each with a number of its own."""
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    panels: list[dict[str, Any]] = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        places = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not places & taken, panel["title"]
        assert max(x for x, _ in places) < 24
        assert panel["type"] == "row" or panel["targets"]
        taken |= places


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus' tool is not installed")
def test_the_alerts_ring_when_they_should_and_only_then(tmp_path: Path) -> None:
    """As Prometheus' own tool judges."""
    series = {
        'dl_lit_condition{instance="a", ailment="database-unwritable", severity="broken"}': "0x5 1x20 0x20",
        'dl_lit_condition{instance="a", ailment="disk-low", severity="degraded"}': "0x10 1x10 0x20",  # too short
        'dl_lit_service_credits_left{instance="a", service="openalex"}': "0x60",
        'dl_lit_items{instance="a", stage="enrichment"}': "5x60",
        'dl_lit_service_credits_left{instance="b", service="openalex"}': "0x60",
        'dl_lit_items{instance="b", stage="enrichment"}': "0x60",
        'dl_lit_attempts_total{instance="a", stage="download", class="ours", reason="disk-full"}': "0+1x60",
        'dl_lit_attempts_total{instance="a", stage="download", class="success", reason="ok"}': "0+2x60",
        'dl_lit_attempts_total{instance="b", stage="download", class="ours", reason="disk-full"}': "0+1x60",
        'dl_lit_attempts_total{instance="b", stage="download", class="success", reason="ok"}': "0+20x60",
    }
    ringing = {
        ("DlLitBroken", "15m"): 1,
        ("DlLitBroken", "40m"): 0,
        ("DlLitDegraded", "22m"): 0,
        ("DlLitBudgetGone", "50m"): 1,
        ("DlLitMostlyOursFails", "60m"): 1,
    }
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) or vector(0)',
                        "eval_time": at,
                        "exp_samples": [{"labels": "{}", "value": number}],
                    }
                    for (alert, at), number in ringing.items()
                ],
            }
        ],
    }
    file = tmp_path / "test.yml"
    file.write_text(json.dumps(test))  # which is YAML as well
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
