"""What commands print: one JSON document, or lines and tables for people; nothing from outside moves the cursor."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from dl_lit.cli.tables import laid_out
from dl_lit.core.controls import json_shown

_FIRST = 5


def print_document(schema: str, value: Any) -> None:
    """Print `value` (dataclasses, enums and containers of them) as one JSON object that begins with its schema."""
    import msgspec  # noqa: PLC0415 - not needed for what people read

    print_json({"schema": schema, **msgspec.to_builtins(value, str_keys=True)})


def print_json(document: dict[str, Any]) -> None:
    """Print a document that is plain already."""
    click.echo(json_shown(json.dumps(document, ensure_ascii=not prints_all(), indent=1)))


def prints_all() -> bool:
    """Whether standard output takes any character that a title may hold."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def shown(value: object, *, width: int | None = None) -> str:
    """`value` on one line with control characters made visible, cut to `width` characters; "-" for nothing."""
    if value is None or value == "":
        return "-"
    text = str(value)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else "\\x%02x" % ord(char) for char in " ".join(text.split()))  # noqa: UP031 - clearer
    if not prints_all():
        text = text.encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(sys.stdout.encoding or "ascii")
    return text if width is None or len(text) <= width else text[: width - 1] + _mark()


def line(text: str = "") -> None:
    """Print one line to standard output."""
    click.echo(text)


def tell_first(names: Sequence[str], what: str, *, rest: str) -> None:
    """Say `what` of each name on standard error, of the first few; how many more there are, and that `rest`."""
    for name in names[:_FIRST]:
        click.echo(f"dl-lit: {what}: {shown(name)}", err=True)
    if len(names) > _FIRST:
        click.echo(f"dl-lit: ... and {len(names) - _FIRST:,} more: {rest}", err=True)


def heading(text: str) -> None:
    """Print a line that stands out on a terminal."""
    click.secho(text, bold=True)


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, least: Sequence[str] = ()) -> None:
    """Print rows under headers: within the width of a terminal, a line each elsewhere. Numbers stand to the right.

    `least` are the headers of what a narrow terminal leaves out, the first first; it is said what that is.
    """
    listed = [tuple(row) for row in rows]
    right = [
        n
        for n in range(len(headers))
        if listed and all(isinstance(row[n], int | float) or row[n] is None for row in listed)
    ]
    on_terminal = sys.stdout.isatty()
    found = laid_out(
        headers,
        [tuple(_cell(value) for value in row) for row in listed],
        right=right,
        room=shutil.get_terminal_size().columns if on_terminal else None,
        least=least,
        mark=_mark(),
    )
    first, *others = found.lines
    click.secho(first, bold=True)
    if on_terminal:
        click.echo(("─" if prints_all() else "-") * found.width)
    for text in others:
        click.echo(text)
    if found.left_out:  # on a terminal alone
        told = f"(no room for: {', '.join(found.left_out)})"
        click.echo(textwrap.fill(told, shutil.get_terminal_size().columns, subsequent_indent="  "))


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows of many columns; each as a paragraph where a terminal is too narrow for a table."""
    listed = [tuple(row) for row in rows]
    cells = [tuple(map(_cell, row)) for row in (columns, *listed)]
    width = sum(max(len(row[n]) for row in cells) + 2 for n in range(len(columns)))
    if not sys.stdout.isatty() or width <= shutil.get_terminal_size().columns:
        print_table(columns, listed)
        return
    longest = max(map(len, columns))
    for row in listed:
        click.secho(f"── {columns[0]} {shown(row[0])}", bold=True)
        for column, value in zip(columns, row, strict=True):
            if value is not None:
                click.echo(f"{column:<{longest}}  {shown(value, width=400)}")


def _mark() -> str:
    """What shows that something was cut off, as far as standard output takes it."""
    return "…" if prints_all() else "~"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shown(value, width=80)


def moment(epoch_s: float | None) -> str:
    """A time of day for people, in UTC; "-" for None."""
    return "-" if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def minute(epoch_s: float | None) -> str:
    """A time for a column whose header says that it is in UTC; "-" for None."""
    return "-" if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M")


def moment_of(written: str | None) -> str:
    """An ISO 8601 time as `moment` shows it; "never" for None."""
    return "never" if written is None else moment(datetime.fromisoformat(written).timestamp())


def size(number: float) -> str:
    """Bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1000
    raise AssertionError("unreachable")
