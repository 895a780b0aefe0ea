"""Follows the journal of systemd, read by its own program; gives lines as they would stand in a log file."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.logs.journal import IDENTIFIER, PRIORITIES

LONGEST_LINE = 1 << 22
"""Bytes; an entry that is longer is left out."""

_LEVELS = {str(priority): level for level, priority in PRIORITIES.items()} | {
    "0": "critical",
    "1": "critical",
    "5": "info",
}
_PREFIX = "DL_LIT_"
_NUMBERS = frozenset(
    {"job", "attempt", "seconds", "after", "source", "entry", "work", "position", "score", "bytes", "pages", "tried"}
    | {"references", "coverage", "locations", "asked", "of_work", "number"}
)


def has_journal() -> bool:
    """Whether the journal can be read here."""
    return shutil.which("journalctl") is not None and os.path.isdir("/run/systemd/journal")  # noqa: PTH112 - one look


class Journal:
    """dl_lit's entries of the journal."""

    def __init__(self, matches: Collection[tuple[str, str]] = ()) -> None:
        """Of these only that have the fields, such as ("DL_LIT_STAGE", "download"); raises `BadInput` without journal.

        Several values of one field are alternatives.
        """
        program = shutil.which("journalctl")
        if program is None:
            raise BadInput("there is no journalctl on this machine: name the log file with --log-file")
        self._command = [program, "--output=json", "--all", "--no-pager", f"--identifier={IDENTIFIER}"]
        self._matches = [f"{name}={value}" for name, value in matches]
        self._cursor: str | None = None
        self._began = datetime.now(UTC)
        self._child: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def past(self, *, since: datetime | None, lines: int) -> list[str]:
        """What is there already: since that moment, or the last so many."""
        bound = f"--since=@{since.timestamp():.6f}" if since is not None else f"--lines={lines}"
        done = subprocess.run(  # noqa: S603 - journalctl, with arguments of ours
            [*self._command, bound, *self._matches], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0 and not done.stdout:
            raise DlLitError(f"journalctl failed with status {done.returncode}")
        return list(self._told(done.stdout.split(b"\n")))

    def read_once(self, timeout_s: float) -> list[str]:
        """What has come since; waits for the first of it. Raises `DlLitError` where the journal's program has ended."""
        child = self._following()
        if child.stdout is None:
            raise DlLitError("journalctl cannot be read")
        with selectors.DefaultSelector() as ready:
            ready.register(child.stdout, selectors.EVENT_READ)
            if not ready.select(timeout_s):
                return []
        block = os.read(child.stdout.fileno(), 1 << 16)
        if not block:
            raise DlLitError(f"journalctl has ended with status {child.wait()}")
        *whole, self._rest = (self._rest + block).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""
        return list(self._told(whole))

    def _following(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            begin = f"--after-cursor={self._cursor}" if self._cursor else f"--since=@{self._began.timestamp():.6f}"
            self._child = subprocess.Popen(  # noqa: S603 - as above
                [*self._command, "--follow", "--no-tail", begin, *self._matches],
                stdout=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
            )
        return self._child

    def _told(self, lines: list[bytes]) -> Iterator[str]:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:  # what it says in words, or half of a line
                continue
            if isinstance(entry, dict):
                self._cursor = str(entry.get("__CURSOR") or "") or self._cursor
                yield as_line(entry)

    def close(self) -> None:
        """End the journal's program."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait()
            if self._child.stdout is not None:
                self._child.stdout.close()
            self._child = None


def as_line(entry: dict[str, Any]) -> str:
    """An entry as the line that a log file would have; of a line that only went through standard error, that line."""
    message = _text(entry.get("MESSAGE"))
    if f"{_PREFIX}EVENT" not in entry and message.startswith("{"):
        return message
    event: dict[str, Any] = {
        "timestamp": _moment(entry.get("__REALTIME_TIMESTAMP")),
        "level": _LEVELS.get(_text(entry.get("PRIORITY")), "info"),
        "event": message,
    }
    for name, value in entry.items():
        if name.startswith(_PREFIX):
            key = name.removeprefix(_PREFIX).lower()
            event["run" if key == "run_id" else key] = _number(value) if key in _NUMBERS else _text(value)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _text(value: object) -> str:
    """A field's value: a text, its bytes as numbers where they are no printable text, or several of these."""
    if isinstance(value, list):
        if all(isinstance(one, int) and 0 <= one < 256 for one in value):
            return bytes(value).decode("utf-8", "replace")
        return _text(value[-1])
    return "" if value is None else str(value)


def _number(value: object) -> object:
    text = _text(value)
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if text.lstrip("-").isdigit() else number


def _moment(value: object) -> str | None:
    text = _text(value)
    return datetime.fromtimestamp(int(text) / 1e6, UTC).isoformat() if text.isdigit() else None
