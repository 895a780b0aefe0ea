"""The imported metadata, opened with the words of matching; dumps of every service we read, brought into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from db.local_index.reader import LocalMetadata
from dl_lit.matching.normalise import text_key


def open_local_index(path: Path, on_unusable: Callable[[str], None] | None = None) -> LocalMetadata:
    """The index at `path`, which need not exist; nothing is opened before something is asked.

    `on_unusable` is told once, in a sentence, if it cannot be read; the index is as good as empty then.
    """
    return LocalMetadata(path, text_key, on_unusable)
