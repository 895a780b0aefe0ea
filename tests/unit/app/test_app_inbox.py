"""Files as sources."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from dl_lit.app.intake.inbox import HUGE_BYTES, new_source


def test_a_file_is_known_by_its_whole_content(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    content = b"%PDF-1.7" + bytes(range(256)) * 9_000
    path.write_bytes(content)
    source = new_source(path)
    assert (source.sha256, source.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_huge_file_is_known_by_its_ends_and_size_without_being_read(tmp_path: Path) -> None:
    sources = []
    for name, end in (("a.pdf", b"one"), ("b.pdf", b"two"), ("c.pdf", b"one")):
        path = tmp_path / name
        with path.open("wb") as file:
            file.write(b"%PDF-1.7")
            os.truncate(file.fileno(), 400 * HUGE_BYTES)  # a hole: nearly a terabyte that takes no room
            file.seek(-3, os.SEEK_END)
            file.write(end)
        sources.append(new_source(path))
    assert sources[0].size_bytes == 400 * HUGE_BYTES
    assert sources[0].sha256 != sources[1].sha256
    assert sources[0].sha256 == sources[2].sha256
