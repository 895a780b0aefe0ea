"""What the adapters share: files read one after the other under a time limit, results as dl-lit/bibliography/1.

The adapters run with the Python of a peer's own environment, apart from this project; nothing here imports it.

    PYTHON ADAPTER.py OUT.jsonl SECONDS_PER_FILE PDF…

Each document is written as a line of OUT.jsonl as soon as it is read: a run that is ended early leaves what it had.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

Reference = dict[str, Any]


class TookTooLong(Exception):
    """The time of one file is over."""


def run(read: Callable[[str], list[Reference]]) -> None:
    """Read every file that the command line names with `read`."""
    out, seconds, *paths = sys.argv[1:]
    signal.signal(signal.SIGALRM, _too_long)
    with Path(out).open("w", encoding="utf-8") as file:
        for path in paths:
            file.write(json.dumps(_document(read, path, int(seconds)), ensure_ascii=False) + "\n")
            file.flush()


def _document(read: Callable[[str], list[Reference]], path: str, seconds: int) -> dict[str, Any]:
    signal.alarm(seconds)
    try:
        references, error = read(path), None
    except Exception as problem:  # noqa: BLE001 - whatever a peer stumbles over is its result for this file
        references, error = [], f"{type(problem).__name__}: {problem}"[:200]
    finally:
        signal.alarm(0)
    for position, reference in enumerate(references, 1):
        reference["position"] = position
    return {"path": path, "references": references, "error": error}


def _too_long(_number: int, _frame: object) -> NoReturn:
    raise TookTooLong("took too long")


def name(text: str) -> dict[str, str] | None:
    """A printed name, "Family, G.", "Family G" or "G. Family", taken apart; None where there is none."""
    text = re.sub(r"\bet\.? al\.?|[();]", " ", text).lstrip(" ,.&").rstrip(" ,&")
    if not text:
        return None
    family, comma, given = text.partition(",")
    if comma:
        return {"family": family.strip(), "given": given.strip()}
    words = text.split()
    full = [word for word in words if not _is_initials(word)]
    if not full or len(full) == len(words):
        return {"family": words[-1], "given": " ".join(words[:-1])}
    return {"family": " ".join(full), "given": " ".join(word for word in words if _is_initials(word))}


def _is_initials(word: str) -> bool:
    letters = word.replace(".", "").replace("-", "")
    return letters.isupper() and len(letters) <= 3  # more capitals are a name
