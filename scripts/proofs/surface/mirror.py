"""A server that everything is sent to: it keeps what came, and says it back where a careless one would."""

from __future__ import annotations

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_STATUSES = (500, 403, 400, 401, 429, 200, 404, 422)


class Mirror:
    """Answers every request with the request itself, in turn as every kind of error; open while entered."""

    def __init__(self) -> None:
        mirror = self
        self.bodies: list[tuple[str, bytes]] = []  # the path without its query, and what came
        self.asked: Counter[str] = Counter()  # by the first part of the path
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                room = self.path.split("/")[1].partition("?")[0]
                with lock:
                    number = mirror.asked[room]
                    mirror.asked[room] += 1
                    mirror.bodies.append((self.path.partition("?")[0], body))
                status = _STATUSES[number % len(_STATUSES)]
                said = {"message": f"{self.requestline} {dict(self.headers)}", "error": {"message": str(self.headers)}}
                answer = json.dumps(said).encode()
                self.send_response(status, f"no to {self.headers.get('Authorization', '')[:60]}")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("X-Request", self.requestline[:2_000])
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_HEAD = do_PUT = handle_one  # noqa: N815 - as the base class calls them

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
