"""Commands on a PostgreSQL database: the same answers, one line where it cannot be had, and its password nowhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from dl_lit import logs
from dl_lit.cli import cli
from dl_lit.cli.invocation import Invocation

PASSWORD = "sesame-open-4711"
NOBODY = f"postgresql://reader:{PASSWORD}@127.0.0.1:1/library"
SHOWN = "postgresql://reader@127.0.0.1:1/library"


def dl_lit(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of their own, and no database named yet."""
    monkeypatch.delenv("DL_LIT_DB")
    monkeypatch.setenv("DL_LIT_STATE_FOLDER", str(folder / "state"))
    monkeypatch.setenv("DL_LIT_CACHE_FOLDER", str(folder / "cache"))
    return folder


@pytest.fixture(params=["option", "environment", "file", "credential"])
def named(request: pytest.FixtureRequest, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options of a command whose database is named, with a password, in one of the ways there are."""
    if request.param == "option":
        return ["--db", NOBODY]
    if request.param == "environment":
        monkeypatch.setenv("DL_LIT_DB", NOBODY)
    if request.param == "file":
        (place / "settings.toml").write_text(f'database = "{NOBODY}"\n')
        return ["--config", str(place / "settings.toml")]
    if request.param == "credential":
        (place / "credentials").mkdir()
        (place / "credentials" / "database").write_text(f"{NOBODY}\n")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place / "credentials"))
    return []


def test_the_password_is_shown_by_nothing(named: list[str], place: Path) -> None:
    """Neither where settings are printed nor where the server does not answer, on screen or in a file."""
    commands = (["config"], ["config", "--json"], ["status"], ["doctor", "--json"])
    says = [dl_lit(*command, *named) for command in commands]
    assert all(SHOWN in one.output and PASSWORD not in one.output for one in says)
    assert [one.exit_code for one in says] == [0, 0, 1, 1]
    assert says[2].output.count("\n") == 1
    if (place / "settings.toml").exists():
        (place / "settings.toml").chmod(0o644)
        warned = dl_lit("doctor", "--json", *named).output
        assert "holds keys and others may read it (644)" in warned
    written = [path for path in place.rglob("*") if path.is_file() and "settings" not in path.name]
    assert not [path for path in written if "credentials" not in path.parts and PASSWORD.encode() in path.read_bytes()]


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_copies_are_left_to_the_servers_tools(place: Path, command: str, tool: str) -> None:
    """One line that says what to type."""
    said = dl_lit(command, str(place / "copies"), "--db", NOBODY)
    assert (said.exit_code, said.output.count("\n"), PASSWORD in said.output) == (2, 1, False)
    assert f"{tool} " in said.output
    assert SHOWN in said.output
    assert not (place / "copies").exists()


def test_without_the_driver_it_is_said_how_to_get_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "psycopg" or name.startswith("db.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for command in (["status"], ["init-db"], ["run-pipeline", "--offline"]):
        said = dl_lit(*command, "--db", NOBODY)
        assert (said.exit_code, said.output.count("\n")) == (6, 1)
        assert "scripts/setup --postgres" in said.output
        assert "pip install 'dl-lit[postgres]'" in said.output


def test_a_database_on_a_server_is_made_filled_and_told_of(
    place: Path, postgres_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was brought is explained, listed, proven, undone; nothing that is written beside it has the password."""
    address = postgres_database()
    password = address.partition("@")[0].rpartition(":")[2]
    plain = address.replace(f":{password}@", "@")
    monkeypatch.setenv("DL_LIT_DB", address)
    said = [dl_lit("status"), dl_lit("init-db"), dl_lit("init-db", "--json")]
    assert [one.exit_code for one in said] == [1, 0, 0]
    assert f"dl_lit has nothing in {plain} yet: make it with dl-lit init-db" in said[0].output
    assert f"{plain} has been created" in said[1].output
    assert json.loads(said[2].stdout)["done"] == "present"
    (place / "wanted.txt").write_text("10.1000/182\nAn unheard-of title\n")
    assert dl_lit("import-list", str(place / "wanted.txt")).exit_code == 0
    status = json.loads(dl_lit("status", "--json").stdout)
    assert (status["database"], status["entries"], status["size_bytes"] > 100_000) == (plain, 2, True)
    for command in ("explain s1", "explain e2", "inspect-tables", "prisma", "runs", "review --list", "missing"):
        assert dl_lit(*command.split()).exit_code == 0, command
    proven = json.loads(dl_lit("doctor", "--json").stdout)
    assert [one for one in proven["checks"] if one["level"] == "failed"] == []
    assert f"{plain}, at work: nothing" in [one["says"] for one in proven["checks"]]
    assert {"database-disk", "disk-database"} & {one["name"] for one in proven["checks"]} == set()
    assert [dl_lit(*one.split()).exit_code for one in ("pin e1", "undo")] == [0, 0]
    written = [path for path in place.rglob("*") if path.is_file()]
    assert any(path.suffix == ".postgresql" for path in written)
    assert not [path for path in written if password.encode() in path.read_bytes()]


def test_what_a_server_refuses_is_one_line(
    place: Path, postgres_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password, a database that is not there, a server that is too old."""
    address = postgres_database()
    user, _, where = address.rpartition("@")
    wrong = f"{user.rpartition(':')[0]}:{PASSWORD}@{where}"
    said = [dl_lit("init-db", "--db", one) for one in (wrong, f"{address}_not_there")]
    monkeypatch.setattr("db.postgres.migrating.SERVER_VERSION", 9_990_000)
    said.append(dl_lit("init-db", "--db", address))
    words = ("password authentication failed", "does not exist", "dl_lit needs 999 or newer")
    for one, word in zip(said, words, strict=True):
        assert (one.exit_code, one.output.count("\n"), word in one.output) == (1, 1, True), one.output
        assert PASSWORD not in one.output


def test_a_password_that_gets_into_the_log_is_blotted_out(place: Path) -> None:
    """As it was written, and as it is."""
    address = "postgresql://reader:p%40ss-4711@127.0.0.1/library?sslpassword=certain"
    log = place / "dl-lit.log"
    invocation = Invocation(options={"database": ("--db", address), "log.file": ("--log-file", log)})
    invocation.start_logging()
    structlog.get_logger("dl_lit.test").error("refused", why="p%40ss-4711, p@ss-4711 or certain will not do")
    logs.close()
    written = log.read_text()
    assert "will not do" in written
    assert not [one for one in ("p%40ss-4711", "p@ss-4711", "certain") if one in written]
