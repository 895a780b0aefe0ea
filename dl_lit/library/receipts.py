"""Receipts: what a file in the library is, written beside the unfinished files until its row is committed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from dl_lit.core.items import Downloaded
from dl_lit.core.values import dataclass

_PREFIX = "work-"
_SUFFIX = ".receipt.json"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One promise: the file of `work_id` is, or is about to be, at `facts.path`."""

    work_id: int
    facts: Downloaded


@dataclass(frozen=True, slots=True)
class _Paper:
    """What is written."""

    placed_at: datetime
    facts: Downloaded


_decode = msgspec.json.Decoder(_Paper).decode


def receipt_path(folder: Path, work_id: int) -> Path:
    """Where the receipt of a work lies."""
    return folder / f"{_PREFIX}{work_id}{_SUFFIX}"


def encode(facts: Downloaded, placed_at: datetime) -> bytes:
    """The receipt's text."""
    return msgspec.json.format(msgspec.json.encode(_Paper(placed_at, facts)), indent=1)


def receipts_in(folder: Path) -> list[tuple[Path, Receipt | None]]:
    """All receipts with where they lie; None for one that cannot be read (the machine died writing it)."""
    return [(path, _read(path)) for path in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))]


def _read(path: Path) -> Receipt | None:
    number = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    try:
        facts = _decode(path.read_bytes()).facts
    except (OSError, msgspec.MsgspecError):
        return None
    is_ours = number.isascii() and number.isdigit() and _stays_inside(facts.path)
    return Receipt(int(number), facts) if is_ours else None


def _stays_inside(path: str) -> bool:
    """Whether a relative path is one of a library's files: nothing hidden, nothing outside."""
    names = path.split("/")
    return "\0" not in path and not any(not name or name.startswith(".") for name in names)
