"""Writes many PDFs at once, as another program would: a process of its own, which says what it finished when.

Reads a JSON list of paths on standard input; prints a list of pairs: SHA-256, and when the file was closed (monotonic).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Write all files."""
    done = []
    for name in json.load(sys.stdin):
        content = b"%PDF-1.7\n" + os.urandom(64) + b"x" * 20_000
        Path(name).write_bytes(content)
        done.append([time.monotonic(), content])
    json.dump([[hashlib.sha256(content).hexdigest(), at] for at, content in done], sys.stdout)


if __name__ == "__main__":
    main()
