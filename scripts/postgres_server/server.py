"""One PostgreSQL server in a temporary folder, on a loopback port and a socket; it ends with whoever uses it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psycopg
from psycopg import sql

from postgres_server import lease
from postgres_server.programs import Programs, brought_within_reach, find_programs, fresh_folder

_ADMIN = "postgres"
_OWNER = "dl_lit"  # who works in the databases: no more rights than a user of a real server has
_ABOUT = "server.json"
_PATIENCE_S = 30.0
_STEP_S = 0.01
_LOOPBACK = "127.0.0.1"
_LOGS_COPIES = 15_00_00  # since then a new database's pages go through the log, unless it is told otherwise
_COUNTS_ROUNDS = 16_00_00  # since then it can be said how much work it is to check a password
# Written, but not waited for: what is committed survives a kill of the server, not one of the machine.
_FAST = {"fsync": "off", "full_page_writes": "off"}
_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # within its folder, which goes with it: else a kill leaves it behind
    "autovacuum_naptime": "10s",
    "log_min_messages": "warning",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "timezone": "UTC",
}


class StartError(Exception):
    """The server did not start; the text is the end of its log."""


class Server:
    """A server with a cluster of its own. `durable`: as on a real machine, with fsync; else quick.

    A context manager: it runs within, and its folder is gone afterwards. `listen` are the addresses besides loopback it
    can be reached at (a bridge's, for network namespaces); `settings` are further lines of postgresql.conf.
    """

    entrance: int | None = None
    """The port that new databases are named at, where that is not the server's own."""

    def __init__(
        self,
        *,
        durable: bool = False,
        listen: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        programs: Programs | None = None,
    ) -> None:
        programs = find_programs() if programs is None else programs
        self.folder = fresh_folder(programs)
        self._lease = self._leased()
        self._guardian: subprocess.Popen[bytes] | None = lease.guard(self.folder)
        self._programs = brought_within_reach(programs, self.folder)
        self.port = free_port()
        self._words = {_ADMIN: secrets.token_urlsafe(18), _OWNER: secrets.token_urlsafe(18)}
        self._listen = (_LOOPBACK, *listen)
        self._process: subprocess.Popen[bytes] | None = None
        self._asking: psycopg.Connection[tuple[Any, ...]] | None = None
        self._ours = True  # it ends when we close it, whoever else uses it
        self._is_quick = not durable
        self._make_cluster({**_SETTINGS, **({} if durable else _FAST), **(settings or {})})

    def _leased(self) -> IO[bytes]:
        (self.folder / "users.lock").touch()
        held = lease.take(self.folder)
        assert held is not None, "nobody else knows of the folder"  # noqa: S101
        return held

    @classmethod
    def attached(cls, folder: Path) -> Self | None:
        """The server that somebody else started in the folder, in use by us, too; None where it is ending."""
        held = lease.take(folder)
        if held is None:
            return None
        server = cls.__new__(cls)
        server._adopt(folder, held)  # noqa: SLF001 - its own class
        return server

    def _adopt(self, folder: Path, held: IO[bytes]) -> None:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        self.folder, self._lease, self._ours = folder, held, False
        self._process = self._guardian = self._asking = None
        self.port, self._words, self._listen = about["port"], about["words"], tuple(about["listen"])
        self._programs = Programs(Path(about["programs"]), tuple(about["user"]) if about["user"] else None)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # --- its cluster ---

    @property
    def cluster(self) -> Path:
        """Its data."""
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        """What it has said."""
        return self.folder / "server.log"

    def _make_cluster(self, settings: Mapping[str, str]) -> None:
        word = self.folder / "word"
        word.write_text(self._words[_ADMIN], encoding="ascii")
        if self._programs.user is not None:
            os.chown(word, *self._programs.user)
        made = subprocess.run(
            [
                *(self._programs.initdb, "-D", self.cluster, "-U", _ADMIN, "--pwfile", word, "-A", "scram-sha-256"),
                *("--locale", "C.UTF-8", "-E", "UTF8", "--no-sync", "--no-instructions"),
            ],
            **self._as_user(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        word.unlink()
        if made.returncode != 0:
            self.close()
            raise StartError(made.stdout.decode(errors="replace")[-2000:])
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        lines += [
            f"listen_addresses = '{','.join(self._listen)}'\n",
            f"unix_socket_directories = '{self.folder}'\n",
        ]
        with (self.cluster / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(lines)
        with (self.cluster / "pg_hba.conf").open("a", encoding="utf-8") as file:
            file.write("host all all 0.0.0.0/0 scram-sha-256\n")
        about = {
            "port": self.port,
            "words": self._words,
            "listen": self._listen[1:],
            "programs": str(self._programs.folder),
            "user": self._programs.user,
        }
        (self.folder / _ABOUT).touch(mode=0o600)
        (self.folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")

    def _as_user(self) -> dict[str, Any]:
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "cwd": self.folder, "env": environment}
        if self._programs.user is not None:
            quiet |= {"user": self._programs.user[0], "group": self._programs.user[1], "extra_groups": []}
        return quiet

    # --- its life ---

    def start(self) -> None:
        """Start it, and wait until it takes connections. Raises `StartError`."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs.postgres, "-D", self.cluster, "-p", str(self.port)],
                **self._as_user(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE_S
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise StartError(self.log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(_STEP_S)
        self._hang_up()
        connection = self._admin()
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_OWNER]).fetchone() is None:
            if self._is_quick and connection.info.server_version >= _COUNTS_ROUNDS:
                connection.execute("SET scram_iterations = 1")  # else most of a connection's work is its password's
            for change, role in (("ALTER", _ADMIN), ("CREATE", _OWNER)):
                command = sql.SQL(change + " ROLE {} LOGIN PASSWORD {}")
                connection.execute(command.format(sql.Identifier(role), sql.Literal(self._words[role])))

    def _ready(self) -> bool:
        """As pg_ctl knows it: the eighth line of postmaster.pid, written by this very process."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text(encoding="ascii").splitlines()
        except OSError:
            return False
        mine = self._process is None or lines[:1] == [str(self._process.pid)]
        return mine and len(lines) > 7 and lines[7].strip() == "ready"

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return lease.postmaster_of(self.folder) is not None

    def stop(self) -> None:
        """End it as an administrator does: what is connected is cut off, what is committed is written."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """`kill -9` for it and all its processes at once."""
        self._end(signal.SIGKILL)

    def behead(self) -> None:
        """`kill -9` for the first process alone; all others see that, and end by themselves."""
        number = lease.postmaster_of(self.folder)
        if number is not None:
            lease.kill_first(number)
            self._mourn()

    def halt(self) -> None:
        """`pg_ctl stop -m immediate`: it ends at once, and writes nothing more."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        number = lease.postmaster_of(self.folder)
        if number is not None and how is signal.SIGKILL:
            lease.kill_all(number)
        elif number is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, how)
            deadline = time.monotonic() + _PATIENCE_S
            while lease.postmaster_of(self.folder) is not None:
                if time.monotonic() > deadline:
                    lease.kill_all(number)
                time.sleep(_STEP_S)
        self._mourn()

    def _mourn(self) -> None:
        self._hang_up()
        if self._process is not None:
            self._process.wait(_PATIENCE_S)
            self._process = None

    def share(self) -> None:
        """Let others use it after us: they find it by its folder (`attached`)."""
        self._ours = False
        for process in (self._process, self._guardian):
            if process is not None:
                process.returncode = 0  # these outlive us, which is not to be warned of
        self._process = self._guardian = None

    def close(self) -> None:
        """Use it no longer. Ours ends and its folder goes; one that is shared does once nobody uses it."""
        if self._ours:
            self.kill()
        self._hang_up()
        self._lease.close()
        if self._guardian is not None:
            self._guardian.wait(_PATIENCE_S)
            self._guardian = None

    @property
    def pid(self) -> int | None:
        """The process that all others of it come from; None where it does not run."""
        return lease.postmaster_of(self.folder)

    @property
    def version(self) -> str:
        """Of PostgreSQL: "18.4"."""
        row = self._admin().execute("SHOW server_version").fetchone()
        return str(row[0]).split()[0] if row is not None else ""

    @property
    def user(self) -> tuple[int, int] | None:
        """The user and group it runs as; None: ourselves."""
        return self._programs.user

    # --- its databases ---

    @property
    def words(self) -> dict[str, str]:
        """The passwords of its roles."""
        return dict(self._words)

    def url(self, database: str, *, host: str = _LOOPBACK, port: int | None = None) -> str:
        """The address of a database for who works in it; at another `port`, that of a pooler."""
        return f"postgresql://{_OWNER}:{self._words[_OWNER]}@{host}:{port or self.port}/{database}"

    def admin_url(self, database: str = _ADMIN) -> str:
        """The address of a database for its administrator, over the socket."""
        return f"postgresql://{_ADMIN}:{self._words[_ADMIN]}@/{database}?host={self.folder}&port={self.port}"

    def _admin(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The administrator's connection, which stays: to make one is as much work as most of what it is asked."""
        if self._asking is None or self._asking.closed:
            self._asking = psycopg.connect(self.admin_url(), autocommit=True)
        return self._asking

    def _hang_up(self) -> None:
        if self._asking is not None:
            self._asking.close()
            self._asking = None

    def new_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or a copy of another that nobody is connected to; its address, at the `entrance`."""
        command = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(_OWNER), sql.Identifier(template or "template0")
        )
        connection = self._admin()
        if connection.info.server_version >= _LOGS_COPIES:
            command += sql.SQL(" STRATEGY file_copy")  # a third of the work, since nothing is synced here
        connection.execute(command)
        return self.url(name, port=self.entrance)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._admin().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def has_database(self, name: str) -> bool:
        """Whether there is such a database."""
        found = self._admin().execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None

    def rename_database(self, name: str, to: str) -> None:
        """Give a database that nobody is connected to another name."""
        command = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))
        self._admin().execute(command)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind((_LOOPBACK, 0))
        port: int = found.getsockname()[1]
    return port
