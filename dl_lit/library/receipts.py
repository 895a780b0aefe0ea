"""Receipts: what a file in the library is, written beside the unfinished files until its row is committed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from dl_lit.core.items import Downloaded
from dl_lit.core.values import dataclass
from dl_lit.library.holder import Holder

_PREFIX = "work-"
_SUFFIX = ".receipt.json"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One promise: the file of `work_id` is, or is about to be, at `facts.path`."""

    work_id: int
    facts: Downloaded
    by: Holder | None = None  # None: of a version that did not say


@dataclass(frozen=True, slots=True)
class _Paper:
    """What is written."""

    placed_at: datetime
    facts: Downloaded
    by: Holder | None = None


_decode = msgspec.json.Decoder(_Paper).decode


def receipt_name(work_id: int, by: Holder | None = None) -> str:
    """What the receipt of a work is called; with `by` that of one process, beside those of others."""
    return f"{_PREFIX}{work_id}{f'.{by.host}-{by.pid}' if by else ''}{_SUFFIX}"


def receipt_path(folder: Path, work_id: int, by: Holder | None = None) -> Path:
    """Where the receipt of a work lies."""
    return folder / receipt_name(work_id, by)


def encode(facts: Downloaded, placed_at: datetime, by: Holder | None = None) -> bytes:
    """The receipt's text."""
    return msgspec.json.format(msgspec.json.encode(_Paper(placed_at, facts, by)), indent=1)


def is_receipt(name: str) -> bool:
    """Whether a file or an object of that name is one."""
    return name.startswith(_PREFIX) and name.endswith(_SUFFIX)


def receipts_in(folder: Path) -> list[tuple[Path, Receipt | None]]:
    """All receipts with where they lie; None for one that cannot be read (the machine died writing it)."""
    return [(path, _read(path)) for path in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))]


def read_receipt(name: str, content: bytes) -> Receipt | None:
    """The receipt of that name; None where it makes no sense."""
    number = name.removeprefix(_PREFIX).partition(".")[0]
    try:
        paper = _decode(content)
    except msgspec.MsgspecError:
        return None
    is_ours = number.isascii() and number.isdigit() and _stays_inside(paper.facts.path)
    return Receipt(int(number), paper.facts, paper.by) if is_ours else None


def _read(path: Path) -> Receipt | None:
    try:
        return read_receipt(path.name, path.read_bytes())
    except OSError:
        return None


def _stays_inside(path: str) -> bool:
    """Whether a relative path is one of a library's files: nothing hidden, nothing outside."""
    names = path.split("/")
    return "\0" not in path and not any(not name or name.startswith(".") for name in names)
