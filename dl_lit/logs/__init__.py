"""Logging: one line an event, in UTC, never a secret; JSON for machines, text on a terminal, fields in the journal.

Modules ask for `structlog.get_logger(__name__)`; lines of the standard library's loggers (HTTP client, migrations, web
server) come out in the same form. Import this late: it brings structlog, which start-up need not pay for.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import structlog

from dl_lit.logs.journal import (
    SOCKET,
    JournalHandler,
    blotted,
    fields_of,
    framed,
    messages_of,
    takes_messages,
    writes_to_journal,
)
from dl_lit.logs.rendering import HIDDEN, Events, as_console, as_json, blotter, encoded, escaped, ordered
from dl_lit.logs.writing import Lines, LogFile, log_file

__all__ = ["HIDDEN", "close", "configure", "destination", "many", "reopen", "run_id"]

_CHATTY = ("httpx", "httpcore", "alembic", "uvicorn.access", "watchdog", "asyncio")
"""Loggers of libraries that tell every step; below `debug` only their warnings are kept."""

_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_RUN = os.urandom(4).hex()


def run_id() -> str:
    """What tells the lines of this process from those of others: they carry it as `run`."""
    return _RUN


def configure(
    *,
    level: str = "info",
    form: str = "auto",
    file: Path | None = None,
    file_mb: int = 50,
    files_kept: int = 5,
    secrets: Iterable[str | None] = (),
    stream: TextIO | None = None,
    journal: Path = SOCKET,
) -> None:
    """Log from now on at `level` (debug, info, warning, error) and above.

    `form` is `json`, `console`, `journal` or `auto`: console on a terminal, journal where standard error is the
    journal's, json elsewhere. Lines go to `file`, which is rotated at `file_mb` mebibytes with `files_kept` old ones
    kept (in the form of json unless it is console), else to the journal, or to `stream` (standard error unless given);
    to that also where no `journal` listens: as JSON, each line with its priority in front if systemd reads it.
    `secrets` (keys, the contact address) are blotted out of every line, as they are and as they look within an
    address. Raises `NeedsConfiguration` when the file cannot be opened.
    """
    stream = sys.stderr if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    is_read_by_systemd = file is None and writes_to_journal(stream)
    wants_journal = file is None and (form == "journal" or (form == "auto" and is_read_by_systemd))
    console = form == "console" or (form == "auto" and file is None and stream.isatty())
    colours = console and file is None and stream.isatty() and not os.environ.get("NO_COLOR")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp,
        *([] if console else [_of_this_run]),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # or a logger would keep to the first configuration for ever
    )
    blot = blotter(secrets)
    handler: JournalHandler | Lines
    if wants_journal and takes_messages(journal):
        handler = JournalHandler(journal)
        last: list[Any] = [_message(blot)]
        handler.takes_many = _to_journal(handler, blot)  # type: ignore[attr-defined]  # for `many`
    else:
        prefixed = wants_journal and is_read_by_systemd
        handler = Lines(stream, prefixed=prefixed) if file is None else log_file(file, file_mb, files_kept)
        last = [*([escaped, as_console(colours=colours)] if console else [ordered, as_json]), _text(blot)]
        if not console:
            handler.takes_many = _as_lines(handler, blot)  # type: ignore[attr-defined]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                *last,
            ],
        )
    )
    _install(handler, threshold)


def many(logger: str, events: Events) -> None:
    """Log many events, each (level, name, fields): the lines are those of one by one, at a tenth of the cost.

    For what comes by the hundred, such as the lines of a group of finished items. On a terminal they cost as much as
    one by one.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        takes: Callable[[str, Events], None] | None = getattr(handler, "takes_many", None)
        if takes is not None:
            takes(logger, _above(events, root.level))
            return
    one_by_one = structlog.get_logger(logger)
    for level, event, fields in events:
        getattr(one_by_one, level)(event, **fields)


def destination() -> str:
    """Where lines go: "journal", "stderr", the path of a file, or "" before `configure`."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, JournalHandler):
            return "journal"
        if isinstance(handler, LogFile):
            return handler.baseFilename
        if isinstance(handler, Lines):
            return "journal" if writes_to_journal(handler.stream) else "stderr"
    return ""


def reopen() -> None:
    """Go on with the file that stands under the log file's name now: after logrotate has renamed it, say."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogFile):
            handler.reopen()


def close() -> None:
    """Flush and close what `configure` opened; later lines are dropped silently."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if getattr(handler, "is_dl_lit", False):
            root.removeHandler(handler)
            with suppress(OSError):  # what could not be written is lost
                handler.close()


def _install(handler: logging.Handler, threshold: int) -> None:
    close()
    handler.is_dl_lit = True  # type: ignore[attr-defined]  # the mark by which `close` knows its own
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(threshold)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(threshold if threshold <= logging.DEBUG else max(threshold, logging.WARNING))
    logging.captureWarnings(capture=True)


def _of_this_run(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    event["run"] = _RUN
    return event


def _text(blot: Callable[[str], str]) -> Callable[[Any, str, str], str]:
    return lambda _logger, _method, line: blot(line)


def _message(blot: Callable[[str], str]) -> Callable[[Any, str, Mapping[str, Any]], str]:
    """A message for the journal: bytes, as a text with a character for each, since formatters give texts."""
    return lambda _logger, _method, event: framed(blotted(fields_of(event), blot)).decode("latin-1")


def _above(events: Events, threshold: int) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    levels = logging.getLevelNamesMapping()
    return (one for one in events if levels[one[0].upper()] >= threshold)


def _to_journal(handler: JournalHandler, blot: Callable[[str], str]) -> Callable[[str, Events], None]:
    return lambda logger, events: handler.send(messages_of(logger, events, {"run": _RUN}, blot))


def _as_lines(handler: Lines, blot: Callable[[str], str]) -> Callable[[str, Events], None]:
    def take(logger: str, events: Events) -> None:
        timestamp = _stamp(None, "", {})["timestamp"]
        lines = [
            handler.prefix(level)
            + encoded({"timestamp": timestamp, "level": level, "event": event, **fields, "logger": logger, "run": _RUN})
            + "\n"
            for level, event, fields in events
        ]
        handler.write(blot("".join(lines)))

    return take
