"""An object store that speaks S3 over loopback: what dl_lit asks of one, and the faults that one may have."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY, SECRET = "AKIDFORTESTS", "a-secret-nobody-may-see"
PAGE = 3  # objects a listing has at once, so that listings have pages


@dataclass
class Faults:
    """What goes wrong, as long as it is set."""

    refuse: int | None = None  # answer everything with this status
    lose: int = 0  # so many puts come to be, and are answered by 500
    puts_denied: bool = False


@dataclass
class ObjectStore:
    """One bucket in memory. Enter it to let it listen; `env` is what a program needs to find it."""

    bucket: str = "bucket"
    objects: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    asked: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        store = self

        class Handler(_Handler):
            its = store

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def env(self) -> dict[str, str]:
        """The variables that lead here."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    def names(self, under: str = "") -> set[str]:
        """The keys of the objects below a prefix, without it."""
        return {name.removeprefix(under) for name in self.objects if name.startswith(under)}


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Whoever asked was killed."""


class _Handler(BaseHTTPRequestHandler):
    its: ObjectStore
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def _key(self) -> str | None:
        parts = urlsplit(self.path).path.lstrip("/").split("/", 1)
        if unquote(parts[0]) != self.its.bucket:
            return None
        return unquote(parts[1]) if len(parts) > 1 else ""

    def _say(self, status: int, body: bytes = b"", *, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _error(self, status: int, code: str) -> None:
        self._say(status, f"<Error><Code>{code}</Code><Message>{KEY}</Message></Error>".encode())

    def _is_refused(self) -> bool:
        self.its.asked[self.command] += 1
        if self.its.faults.refuse is not None:
            self._error(self.its.faults.refuse, "Refused")
        elif f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
            self._error(403, "AccessDenied")
        elif self._key() is None:
            self._error(404, "NoSuchBucket")
        else:
            return False
        return True

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self._is_refused():
            return None
        key, faults = str(self._key()), self.its.faults
        with self.its.lock:
            if faults.puts_denied:
                return self._error(403, "AccessDenied")
            if self.headers.get("If-None-Match") == "*" and key in self.its.objects:
                return self._error(412, "PreconditionFailed")
            self.its.objects[key] = body
            if faults.lose:
                faults.lose -= 1
                return self._error(500, "InternalError")
        return self._say(200, ETag=_tag(body))

    def do_GET(self) -> None:
        if self._is_refused():
            return None
        key, asked = str(self._key()), parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        if not key and "list-type" in asked:
            return self._list(asked)
        body = self.its.objects.get(key)
        if body is None:
            return self._error(404, "NoSuchKey")
        about = {"ETag": _tag(body), "Last_Modified": formatdate(usegmt=True)}
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(match[1]), min(int(match[2] or len(body)), len(body) - 1)
            return self._say(206, body[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(body)}", **about)
        return self._say(200, body, **about)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        if not self._is_refused():
            with self.its.lock:
                self.its.objects.pop(str(self._key()), None)
            self._say(204)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self._is_refused():
            return
        with self.its.lock:
            keys = re.findall(r"<Key>(.*?)</Key>", body)
            for key in keys:
                self.its.objects.pop(key.replace("&amp;", "&"), None)
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._say(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def _list(self, asked: dict[str, list[str]]) -> None:
        prefix, after = (asked.get(name, [""])[0] for name in ("prefix", "continuation-token"))
        after = after or asked.get("start-after", [""])[0]
        names = sorted(name for name in self.its.objects if name.startswith(prefix) and name > after)
        found = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(self.its.objects[name])}</Size><ETag>x</ETag>"
            "<LastModified>2026-11-23T12:00:00.000Z</LastModified></Contents>"
            for name in names[:PAGE]
        )
        more = len(names) > PAGE
        token = f"<NextContinuationToken>{escape(names[PAGE - 1])}</NextContinuationToken>" if more else ""
        self._say(
            200,
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{found}</ListBucketResult>".encode(),
        )


def _tag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'
