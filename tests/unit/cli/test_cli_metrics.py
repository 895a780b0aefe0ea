"""`dl-lit metrics`: for a look, and from cron."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from dl_lit.cli import cli
from tests.fakes.databases import database_in
from tests.fakes.exposition import read
from tests.fakes.scenario import Scenario, typical


def test_metrics_are_printed_as_text_as_json_and_into_a_file(tmp_path: Path) -> None:
    """The same each time; without a database that is said."""
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        options = ["metrics", "--db", str(scenario.path)]
        text = CliRunner().invoke(cli, options).stdout
        document = json.loads(CliRunner().invoke(cli, [*options, "--json"]).stdout)
        file = tmp_path / "out" / "dl_lit.prom"
        assert CliRunner().invoke(cli, [*options, "-o", str(file)]).stdout == ""
        refused = CliRunner().invoke(cli, [*options, "-o", "/proc/none/x.prom"])
    assert document["schema"] == "dl-lit/metrics/1"
    assert [one["name"] for one in document["metrics"]] == list(read(text)) == list(read(file.read_text()))
    assert (refused.exit_code, "cannot write /proc/none/x.prom" in refused.stderr) == (1, True)
    assert CliRunner().invoke(cli, ["metrics", "--db", str(database_in(tmp_path, "none.db"))]).exit_code == 1
