"""What `dl-lit demo` says when it has ended."""

from __future__ import annotations

import shlex
from pathlib import Path

from click.testing import CliRunner

from db.connect import open_database
from db.lock import PipelineLock
from dl_lit.cli import cli
from dl_lit.cli.demo import how_to_look
from dl_lit.core.clock import SystemClock


def test_the_demo_says_where_its_database_is_and_how_to_look_at_it(tmp_path: Path) -> None:
    """Commands as they stand there, copied whole, do so."""
    database = tmp_path / "my demo" / "demo.db"
    assert list(how_to_look(database)) == []
    with PipelineLock(database, "demo", SystemClock()):
        open_database(database).dispose()
    first, *commands = (line.strip() for line in how_to_look(database))
    assert str(database) in first
    for command in commands[:1]:
        program, *arguments = shlex.split(command)
        result = CliRunner().invoke(cli, arguments)
        assert (program, result.exit_code) == ("dl-lit", 0)
        assert str(database) in result.stdout
    assert [line.split()[1] for line in commands] == ["status", "explain", "serve"]
