"""PgBouncer before a server of one's own, on a loopback port: as those have it who share few connections among many."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from postgres_server.programs import Missing
from postgres_server.server import Server, StartError, free_port

VARIABLE = "DL_LIT_TEST_PGBOUNCER"
_DEBIAN = Path("/usr/sbin/pgbouncer")
_PATIENCE_S = 10.0
_STEP_S = 0.01
_LOOPBACK = "127.0.0.1"


def find_pooler() -> Path:
    """PgBouncer's program. Raises `Missing`."""
    named = os.environ.get(VARIABLE) or shutil.which("pgbouncer") or str(_DEBIAN)
    if not Path(named).is_file():
        raise Missing(f"there is no PgBouncer here: install pgbouncer, or name its program in {VARIABLE}")
    return Path(named)


class Pooler:
    """A pooler of all the server's databases. A context manager: it runs within, and its folder is gone afterwards.

    `mode` is PgBouncer's `pool_mode`; `size`: the server's connections a database; `listen`: more than loopback.
    All else is as it comes.
    """

    def __init__(self, server: Server, *, mode: str = "transaction", size: int = 5, listen: Sequence[str] = ()) -> None:
        program = find_pooler()
        self._server = server
        self._program = program
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="pooler-", dir=server.folder))
        self._process: subprocess.Popen[bytes] | None = None
        users = self.folder / "users"
        settings = {
            "listen_addr": ",".join((_LOOPBACK, *listen)),
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": users,
            "pool_mode": mode,
            "default_pool_size": size,
            "max_client_conn": 500,
            "logfile": self.folder / "log",
        }
        lines = [f"* = host={_LOOPBACK} port={server.port}", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in settings.items()]
        (self.folder / "ini").write_text("\n".join(["[databases]", *lines, ""]), encoding="utf-8")
        users.touch(mode=0o600)
        users.write_text("".join(f'"{name}" "{word}"\n' for name, word in server.words.items()), encoding="ascii")
        if server.user is not None:
            for path in (self.folder, self.folder / "ini", users):
                os.chown(path, *server.user)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it takes connections. Raises `StartError`."""
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": self.folder}
        if self._server.user is not None:
            quiet |= {"user": self._server.user[0], "group": self._server.user[1], "extra_groups": []}
        self._process = subprocess.Popen(
            [self._program, "-q", self.folder / "ini"], stderr=subprocess.DEVNULL, start_new_session=True, **quiet
        )
        deadline = time.monotonic() + _PATIENCE_S
        while not self._takes():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = self.folder / "log"
                raise StartError(log.read_text(encoding="utf-8")[-2000:] if log.exists() else "it said nothing")
            time.sleep(_STEP_S)

    def _takes(self) -> bool:
        try:
            socket.create_connection((_LOOPBACK, self.port), 1.0).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """`kill -9`: all its clients are cut off, and the server's connections that it had."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def restart(self) -> None:
        """Kill and start it."""
        self.kill()
        self.start()

    def url(self, database: str, *, host: str = _LOOPBACK) -> str:
        """The address of a database for who works in it through the pooler."""
        return self._server.url(database, host=host, port=self.port)
