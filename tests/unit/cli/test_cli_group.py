"""The group: what it costs to start, and how each way of ending becomes an exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from dl_lit import __version__
from dl_lit.cli import COMMANDS, LazyGroup, cli
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, worker_options
from dl_lit.cli.origin import SUCCESSORS
from dl_lit.core.errors import BadInput, DatabaseBusy, DlLitError, NeedsConfiguration

ROOT = Path(__file__).parents[3]
NAMES = [name for commands in COMMANDS.values() for name, _ in commands]


def dl_lit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", **environment}
    return subprocess.run(
        [sys.executable, "-m", "dl_lit", *arguments], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def ending_with(function: Callable[[], Any]) -> LazyGroup:
    """A group whose every command is `function`."""

    class One(LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return click.Command(cmd_name, callback=function)

    return One("dl-lit")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_the_table_resolves(name: str) -> None:
    """Each is a click command in the module of its name, with a help of its own."""
    command = import_module(f"dl_lit.cli.{name.replace('-', '_')}").command
    assert isinstance(command, click.Command)
    assert command.help
    assert CliRunner().invoke(cli, [name, "--help"]).exit_code == 0


def test_the_fixed_names_are_all_there() -> None:
    """People and scripts rely on these names."""
    assert set(NAMES) == {
        "process-pdf-concurrent",
        "process-folder-concurrent",
        "watch-folder-concurrent",
        "work",
        "extract",
        "keys",
        "bibliography",
        "runs",
        "prisma",
        "report",
        "pin",
        "unpin",
        "hand-in",
        "missing",
        "compare",
        "status",
        "explain",
        "pause",
        "resume",
        "retry",
        "recheck",
        "merges",
        "unmerge",
        "undo",
        "run-bundle",
        "run-replay",
        "export",
        "zotero",
        "import-bib",
        "import-list",
        "keyword-search",
        "run-pipeline",
        "import-metadata",
        "corpus",
        "inspect-tables",
        "init-db",
        "doctor",
        "config",
        "serve",
        "tail",
        "metrics",
        "demo",
        "cache",
        "llm",
        "ledger",
        "review",
        "notify",
        "backup",
        "restore",
        "completion",
        "man",
        *("process-pdf", "process-folder", "extract-bib-pages", "enrich-openalex", "add-to-no-metadata"),
        *("export-bibtex", "merge-log", "show-sample", "retry-failed-enrichments", "retry-failed-downloads"),
    }


@pytest.mark.parametrize("name", SUCCESSORS)
def test_an_older_command_answers_with_what_does_its_work_now(name: str) -> None:
    """One line, and no usage text around it; every command that it names is there."""
    result = CliRunner().invoke(cli, [name, "--limit", "10"])
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert set(re.findall(r"dl-lit ([a-z-]+)", SUCCESSORS[name])) <= set(NAMES)
    assert name not in NAMES


def test_help_imports_no_room_and_no_library_but_click() -> None:
    """Start-up time is everybody's: only the command line's own modules are loaded for --help."""
    code = (
        "import sys\nfrom dl_lit.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(*sorted({m.split('.')[0] for m in sys.modules} & {'msgspec','structlog','httpx','sqlalchemy','rich',"
        "'jinja2','psutil','pypdfium2','starlette','rapidfuzz','stages','db'}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert all(name in done.stdout for name in NAMES)
    assert done.stderr.strip() == ""


def test_version() -> None:
    assert dl_lit("--version").stdout == f"dl-lit {__version__}\n"


def test_the_shell_completes_names_without_importing_the_commands() -> None:
    completions = ShellComplete(cli, {}, "dl-lit", "_DL_LIT_COMPLETE").get_completions([], "ex")
    assert [item.value for item in completions] == [
        *("extract", "explain", "export", "extract-bib-pages", "export-bibtex"),
    ]
    completions = ShellComplete(cli, {}, "dl-lit", "_DL_LIT_COMPLETE").get_completions([], "--log-l")
    assert [item.value for item in completions] == ["--log-level"]


def test_an_unknown_command_is_a_usage_error() -> None:
    done = dl_lit("fetch-everything")
    assert done.returncode == 2
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DlLitError("no"), 1),
        (BadInput("no such file"), 2),
        (DatabaseBusy("pid 12 has it"), 4),
        (NeedsConfiguration("log.file"), 6),
    ],
)
def test_an_expected_error_is_one_line_and_its_exit_code(error: DlLitError, code: int) -> None:
    def fail() -> None:
        raise error

    result = CliRunner().invoke(ending_with(fail), ["x"])
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr == f"dl-lit: {error}\n"


def test_no_text_from_outside_can_break_the_one_line_or_move_the_cursor() -> None:
    def fail() -> None:
        raise DlLitError("file 'a\nb\x1b[2J' is odd")

    assert CliRunner().invoke(ending_with(fail), ["x"]).stderr == "dl-lit: file 'a b\\x1b[2J' is odd\n"


@pytest.mark.parametrize("ending", [KeyboardInterrupt, click.Abort])
def test_being_interrupted_ends_with_130(ending: type[BaseException]) -> None:
    def stop() -> None:
        raise ending

    result = CliRunner().invoke(ending_with(stop), ["x"])
    assert (result.exit_code, result.stderr) == (130, "dl-lit: interrupted\n")


@pytest.mark.parametrize(("answer", "code"), [(None, 0), (0, 0), (3, 3), (5, 5)])
def test_what_a_command_returns_is_the_exit_code(answer: int | None, code: int) -> None:
    assert CliRunner().invoke(ending_with(lambda: answer), ["x"]).exit_code == code


def test_a_bug_is_not_dressed_up() -> None:
    """An unexpected exception passes through: its traceback is what the report needs."""

    def bug() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(ending_with(bug), ["x"]).exception, ZeroDivisionError)


def test_a_reader_that_goes_away_is_met_with_silence() -> None:
    """`dl-lit config | head -0`: no traceback, the exit code of a broken pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "dl_lit", "config"],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_options_may_stand_on_either_side_of_the_command_and_the_last_counts() -> None:
    @click.command()
    @common_options
    @worker_options
    @click.pass_obj
    def command(invocation: Invocation) -> None:
        settings = invocation.load().settings
        click.echo(f"{settings.database} {settings.library} {settings.workers.download} {settings.engine.queue_size}")

    class One(LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return command

    group = common_options(click.group(cls=One)(lambda: None))
    before = ["--db", "/1.db", "--library", "/books"]
    result = CliRunner().invoke(group, [*before, "x", "--db", "/2.db", "--download-workers", "3", "--queue-size", "9"])
    assert result.output == "/2.db /books 3 9\n"


def test_a_value_out_of_bounds_in_an_option_is_a_usage_error_that_names_it() -> None:
    @click.command()
    @worker_options
    @click.pass_obj
    def command(invocation: Invocation) -> None:
        invocation.load()

    class One(LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return command

    result = CliRunner().invoke(One("dl-lit"), ["x", "--queue-size", "0"], obj=Invocation())
    assert result.exit_code == 2
    assert "option --queue-size" in result.stderr
