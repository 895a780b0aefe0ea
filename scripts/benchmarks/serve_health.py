"""Asks GET /health again and again, in a process of its own, until standard input ends; then tells how long each took.

    python -m benchmarks.serve_health URL

The token, where one is needed, comes as the first line of standard input.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time

from benchmarks.serve_load import Target

_GAP_S = 0.005


def main(url: str) -> None:
    """Ask until told to stop."""
    target = Target(url, sys.stdin.readline().strip() or None)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    took_ms: list[float] = []
    failed = 0
    connection = target.connection()
    print("ready", flush=True)
    while not ended.is_set():
        began = time.monotonic()
        try:
            connection.request("GET", "/health", headers=target.headers)
            answer = connection.getresponse()
            answer.read()
            failed += answer.status != http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            failed += 1
            connection.close()
        took_ms.append((time.monotonic() - began) * 1000)
        time.sleep(_GAP_S)
    print(json.dumps({"took_ms": took_ms, "failed": failed}))


if __name__ == "__main__":
    main(sys.argv[1])
