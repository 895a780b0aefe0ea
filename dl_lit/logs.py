"""Logging: one line an event, in UTC, JSON for machines and plain text on a terminal, never a secret.

Modules ask for `structlog.get_logger(__name__)`; lines of the standard library's loggers (HTTP client, migrations, web
server) come out in the same form. Import this late: it brings structlog, which start-up need not pay for.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import msgspec
import structlog

from dl_lit.core.errors import NeedsConfiguration

HIDDEN = "[hidden]"
"""What is logged in the place of a secret."""

_SHORTEST_SECRET = 4  # anything shorter would turn up in innocent words

_CHATTY = ("httpx", "httpcore", "alembic", "uvicorn.access", "watchdog", "asyncio")
"""Loggers of libraries that tell every step; below `debug` only their warnings are kept."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

_Processor = Callable[[Any, str, Any], Any]

_encoder = msgspec.json.Encoder(enc_hook=str)
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


def configure(
    *,
    level: str = "info",
    form: str = "auto",
    file: Path | None = None,
    file_mb: int = 50,
    files_kept: int = 5,
    secrets: Iterable[str | None] = (),
    stream: TextIO | None = None,
) -> None:
    """Log from now on at `level` (debug, info, warning, error) and above.

    `form` is `json`, `console`, or `auto`: console on a terminal, json elsewhere. Lines go to `file`, which is rotated
    at `file_mb` mebibytes with `files_kept` old ones kept, or to `stream` (standard error unless given). `secrets`
    (keys, the contact address) are blotted out of every line, as they are and as they look within an address. Raises
    `NeedsConfiguration` when the file cannot be opened.
    """
    stream = sys.stderr if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    console = form == "console" or (form == "auto" and file is None and stream.isatty())
    colours = console and file is None and stream.isatty() and not os.environ.get("NO_COLOR")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp,
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # or a logger would keep to the first configuration for ever
    )
    blot = _blotter(secrets)
    handler = logging.StreamHandler(stream) if file is None else _file_handler(file, file_mb, files_kept)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                *([_escaped, _console(colours=colours)] if console else [_ordered, _json]),
                blot,
            ],
        )
    )
    handler.blots_json = None if console else blot  # type: ignore[attr-defined]  # for `many`
    _install(handler, threshold)


def many(logger: str, events: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Log many events, each (level, name, fields): the lines are those of one by one, at a tenth of the cost as JSON.

    For what comes by the hundred, such as the lines of a group of finished items.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        blot = getattr(handler, "blots_json", None)
        if blot is not None and isinstance(handler, logging.StreamHandler):
            _write(handler, blot, _lines(logger, events, root.level))
            return
    one_by_one = structlog.get_logger(logger)
    for level, event, fields in events:
        getattr(one_by_one, level)(event, **fields)


def _lines(logger: str, events: Iterable[tuple[str, str, Mapping[str, Any]]], threshold: int) -> list[str]:
    levels = logging.getLevelNamesMapping()
    timestamp = _stamp(None, "", {})["timestamp"]
    return [
        _encoded({"timestamp": timestamp, "level": level, "event": event, **fields, "logger": logger})
        for level, event, fields in events
        if levels[level.upper()] >= threshold
    ]


def _encoded(event: Mapping[str, Any]) -> str:
    try:
        return _encoder.encode(event).decode()
    except (ValueError, TypeError):  # half a surrogate pair, say, from a broken PDF
        return _json(None, "", event)


def _write(handler: logging.StreamHandler[TextIO], blot: _Processor, lines: list[str]) -> None:
    if not lines:
        return
    text = "".join(f"{blot(None, '', line)}\n" for line in lines)
    handler.acquire()
    try:
        if isinstance(handler, logging.handlers.RotatingFileHandler) and _is_over(handler, len(text)):
            handler.doRollover()
        handler.stream.write(text)
        handler.flush()
    except OSError:
        handler.handleError(logging.makeLogRecord({"name": "dl_lit.logs", "msg": "lines lost"}))
    finally:
        handler.release()


def _is_over(handler: logging.handlers.RotatingFileHandler, more: int) -> bool:
    return 0 < handler.maxBytes < (handler.stream.tell() if handler.stream else 0) + more


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


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log file that, where it cannot be written (a full disk), costs lines and not a traceback for each of them."""

    _is_told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the standard library's
        """Say once on standard error that lines are lost."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._is_told:
            self._is_told = True
            with suppress(OSError, ValueError):
                says = f"cannot write {self.baseFilename}: {error.strerror}; lines are lost until it can be written"
                print(f"dl-lit: {says}", file=sys.stderr)  # noqa: T201 - the log itself cannot be told


def _file_handler(path: Path, file_mb: int, files_kept: int) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _LogFile(
            path,
            maxBytes=file_mb * 1_048_576,
            backupCount=files_kept,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError as error:
        raise NeedsConfiguration(f"log.file: cannot write {path}: {error.strerror}") from error


def _ordered(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """When, how grave and what first: that is what one looks for in a line."""
    return {
        "timestamp": event.pop("timestamp", None),
        "level": event.pop("level", None),
        "event": event.pop("event", None),
        **event,
    }


def _json(_logger: Any, _method: str, event: Mapping[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, default=str, separators=(",", ":"))


def _console(*, colours: bool) -> _Processor:
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)


def _escaped(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Texts come from PDFs and web servers: let none of them move the cursor or pretend to be a line of its own."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", value)
    return event


def _blotter(secrets: Iterable[str | None]) -> _Processor:
    forms = {
        form
        for secret in secrets
        if secret is not None and len(secret) >= _SHORTEST_SECRET
        for form in (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1])
    }
    if not forms:
        return lambda _logger, _method, line: line
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)), re.IGNORECASE)
    return lambda _logger, _method, line: pattern.sub(HIDDEN, line)
