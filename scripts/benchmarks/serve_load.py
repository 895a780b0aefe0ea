"""Many posts at once to a control surface, each until it is taken or refused; what came of every one."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_PATIENCE_S = 120.0
_BOUNDARY = "dl-lit-bench"
_STACK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """Where the control surface is: http://host:port, or unix:/path; and its token, where it asks for one."""

    url: str
    token: str | None = field(default=None, repr=False)

    def connection(self) -> http.client.HTTPConnection:
        """A connection, not opened yet."""
        if self.url.startswith("unix:"):
            return _UnixConnection(self.url.removeprefix("unix:"))
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)

    @property
    def headers(self) -> dict[str, str]:
        """What shows the token."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def get(self, path: str) -> Any:
        """The document at this path."""
        with closing(self.connection()) as connection:
            connection.request("GET", path, headers=self.headers)
            return json.loads(connection.getresponse().read())


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_PATIENCE_S)
        self.sock.connect(self._path)


@dataclass(frozen=True, slots=True)
class Post:
    """One PDF to be posted."""

    name: str
    kind: str  # body, form, path
    content: bytes = field(repr=False)
    sha256: str
    path: Path | None = None  # of kind path

    def request(self) -> tuple[str, bytes, dict[str, str]]:
        """Address, body and headers."""
        if self.kind == "path":
            return "/process", json.dumps({"path": str(self.path)}).encode(), {"Content-Type": "application/json"}
        if self.kind == "body":
            return f"/process?name={self.name}", self.content, {"Content-Type": "application/pdf"}
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{self.name}"\r\n\r\n'
        body = head.encode() + self.content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        return "/process", body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


@dataclass(slots=True)
class Posted:
    """What came of one."""

    name: str
    kind: str
    size_bytes: int
    sha256: str
    status: int | None = None  # the last answer's; None: there was none
    seconds: float = 0.0  # from the first try to the last answer
    tries: int = 0
    id: str | None = None
    is_new: bool | None = None
    error: str | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def post_all(target: Target, posts: Sequence[Post], parallel: int, *, tries: int) -> tuple[list[Posted], float]:
    """Post all, so many at once; what came of each, in their order, and how long all took (seconds)."""
    found = [Posted(post.name, post.kind, len(post.content), post.sha256) for post in posts]
    todo = iter(list(zip(posts, found, strict=True)))
    lock = threading.Lock()
    start = threading.Barrier(parallel + 1)

    def work() -> None:
        start.wait()
        while True:
            with lock:
                pair = next(todo, None)
            if pair is None:
                return
            _post(target, *pair, tries=tries)

    before = threading.stack_size(_STACK_BYTES)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(parallel)]
    for thread in threads:
        thread.start()
    threading.stack_size(before)
    start.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    return found, time.monotonic() - began


def _post(target: Target, post: Post, told: Posted, *, tries: int) -> None:
    path, body, headers = post.request()
    began = time.monotonic()
    while told.tries < tries:
        told.tries += 1
        try:
            with closing(target.connection()) as connection:
                connection.request("POST", path, body, {**headers, **target.headers})
                answer = connection.getresponse()
                document = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            told.error = f"{type(error).__name__}: {error}"
            break
        told.status = answer.status
        told.error = document.get("reason")
        if answer.status != http.HTTPStatus.TOO_MANY_REQUESTS:
            told.id, told.is_new = document.get("id"), document.get("new")
            break
        time.sleep(float(answer.headers.get("Retry-After", "1")))
    told.seconds = round(time.monotonic() - began, 4)


def sources(target: Target) -> dict[str, list[str]]:
    """The ids of all sources there are, by content."""
    found: dict[str, list[str]] = {}
    path = "/api/sources?limit=1000"
    while path:
        page = target.get(path)
        for one in page["sources"]:
            found.setdefault(one["sha256"], []).append(one["id"])
        path = page["next"]
    return found
