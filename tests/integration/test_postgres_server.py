"""The PostgreSQL server of tests and benchmarks: it starts by itself, and nothing of it stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from postgres_server import Missing, Server, find_programs, shared_server, shared_template
from postgres_server.lease import postmaster_of, runs
from postgres_server.programs import VARIABLE

ROOT = Path(__file__).parents[2]

STARTS_AND_WAITS = """
import sys
from pathlib import Path
from postgres_server import shared_server
server = shared_server(Path(sys.argv[1]))
print(server.folder, server.port, flush=True)
sys.stdin.read()
"""


def asked(url: str, query: str) -> object:
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def gone(folder: Path) -> None:
    """Wait until the guardian of the folder has removed it: it holds the lock until then."""
    for _ in range(1_000):
        if not folder.exists():
            return
        subprocess.run(["sleep", "0.01"], check=True)
    raise AssertionError(f"{folder} stayed behind")


def user_of(run: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS, run],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_databases_are_copied_from_templates_and_belong_to_a_user_without_rights(
    postgres: Server, postgres_database: Callable[..., str]
) -> None:
    first = postgres_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE works (title text)")
        connection.execute("INSERT INTO works VALUES ('À la recherche')")
    copy = postgres_database(first.rpartition("/")[2])
    assert asked(copy, "SELECT title FROM works") == "À la recherche"
    assert asked(copy, "SELECT current_setting('is_superuser')") == "off"
    assert asked(copy, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    assert int(str(asked(copy, "SELECT current_setting('server_version_num')"))) >= 15_00_00
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(copy.replace("dl_lit:", "dl_lit:wrong"))


def test_what_is_committed_survives_a_kill_of_the_server_and_it_comes_back_at_the_same_address() -> None:
    with Server(settings={"deadlock_timeout": "123ms"}) as server:
        url = server.new_database("kept")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE works (title text)")
        broken = psycopg.connect(url)
        server.kill()
        assert not server.running
        with pytest.raises(psycopg.OperationalError):
            broken.execute("SELECT 1")
        broken.close()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.start()
        assert asked(url, "SELECT count(*) FROM works") == 0
        assert asked(url, "SHOW deadlock_timeout") == "123ms"
        server.restart()
        assert asked(server.admin_url("kept"), "SELECT count(*) FROM works") == 0
        folder = server.folder
    assert not folder.exists()


def test_processes_of_a_run_share_one_server_which_ends_with_the_last_of_them_however_they_end(tmp_path: Path) -> None:
    """Two start at once; the first is killed, then the other; the server's processes and folder are gone."""
    users = [user_of(tmp_path) for _ in range(2)]
    told = [user.stdout.readline() for user in users if user.stdout]
    assert told[0] == told[1] != ""
    folder = Path(told[0].split()[0])
    postmaster = postmaster_of(folder)
    assert postmaster is not None
    users[0].kill()
    users[0].communicate()
    third = user_of(tmp_path)
    assert third.stdout is not None
    assert third.stdout.readline() == told[0], "who comes later finds it"
    ours = shared_server(tmp_path)
    assert (str(ours.folder), str(ours.port)) == tuple(told[0].split())
    ours.close()
    assert postmaster_of(folder) == postmaster, "closed by one, it serves the others"
    for user in (users[1], third):
        user.send_signal(signal.SIGKILL)
        user.communicate()
    gone(folder)
    assert not runs(postmaster)


def test_a_template_is_made_once_a_run_and_again_where_that_failed(
    postgres: Server, postgres_database: Callable[..., str], tmp_path: Path
) -> None:
    name = postgres_database().rpartition("/")[2] + "_template"
    calls: list[str] = []

    def make(url: str) -> None:
        calls.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE works (title text)")
        if len(calls) == 1:
            raise RuntimeError("half made")

    with pytest.raises(RuntimeError):
        shared_template(tmp_path, postgres, name, make)
    assert shared_template(tmp_path, postgres, name, make) == name
    assert shared_template(tmp_path, postgres, name, make) == name
    assert len(calls) == 2
    assert asked(postgres_database(name), "SELECT count(*) FROM works") == 0


def test_without_programs_it_is_said_what_would_bring_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(Missing, match="scripts/setup --dev"):
        find_programs()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")
def test_programs_where_their_user_may_not_go_are_copied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a checkout below /root."""
    found = find_programs()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = found.folder.parents[1]
    (closed / package.name).symlink_to(package)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        (closed / libraries.name).symlink_to(libraries)
    from postgres_server import programs  # noqa: PLC0415 - the module beside its names

    folder = tmp_path / "within"
    folder.mkdir()
    there = programs.Programs(closed / package.name / found.folder.parent.name / "bin", found.user)
    copy = programs.brought_within_reach(there, folder)
    assert copy.folder.is_relative_to(folder)
    assert subprocess.run([copy.initdb, "--version"], check=False, capture_output=True).returncode == 0


def test_a_server_that_cannot_start_says_why() -> None:
    from postgres_server import StartError  # noqa: PLC0415

    server = Server(settings={"max_connections": "many"})
    with pytest.raises(StartError, match="max_connections"):
        server.start()
    server.close()
    assert not server.folder.exists()
