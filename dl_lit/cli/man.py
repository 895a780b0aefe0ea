"""`dl-lit man`: the manual page in roff, made of the words of --help.

How such a page is laid out: https://man7.org/linux/man-pages/man7/man-pages.7.html (read 2026-11-23).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from dl_lit import __version__

_STATUS = (
    (0, "All done; a watching daemon was drained."),
    (1, "Something went wrong, or doctor found something."),
    (2, "The command was not understood."),
    (3, "Finished, but some items failed."),
    (4, "Another dl-lit works the database."),
    (5, "A service's budget is used up; the next run goes on."),
    (6, "Something has to be set first; the message says what."),
    (130, "Interrupted."),
)
_ENVIRONMENT = (
    ("DL_LIT_CONTACT_EMAIL", "Who asks: told to the services, which give more to those they know."),
    ("DL_LIT_CONFIG", "The settings file, in place of config.toml in the configuration folder."),
    ("DL_LIT_DB, DL_LIT_LIBRARY", "The database, and the folder of the fetched PDFs."),
    ("DL_LIT_...", "Every setting has its variable: dl-lit config lists them."),
    ("NO_COLOR", "No colours."),
)
_FILES = (
    ("~/.config/dl-lit/config.toml", "The settings."),
    ("~/.local/share/dl-lit/", "Database and library, unless set otherwise."),
    ("~/.local/state/dl-lit/", "What all dl-lit processes share, logs, the control socket."),
    ("~/.cache/dl-lit/", "Answers of services; may be removed."),
)


@click.command(
    epilog="""\b
Examples:
  dl-lit man | man -l -
  dl-lit man > ~/.local/share/man/man1/dl-lit.1"""
)
def command() -> None:
    """Print the manual page."""
    from dl_lit.cli import cli  # noqa: PLC0415 - the group imports its commands

    click.echo("\n".join(page(cli)))


def page(group: click.Group) -> Iterator[str]:
    """The lines of the manual page of `group`, its commands included."""
    context = click.Context(group, info_name="dl-lit")
    yield f'.TH DL\\-LIT 1 "" "dl\\-lit {_safe(__version__)}" "User Commands"'
    yield ".SH NAME"
    yield "dl\\-lit \\- fetch the open PDF of every work that your PDFs cite"
    yield ".SH SYNOPSIS"
    yield ".B dl\\-lit"
    yield "[\\fIOPTION\\fR]... \\fICOMMAND\\fR [\\fIARGUMENT\\fR]..."
    yield ".SH DESCRIPTION"
    yield from _prose(group.help)
    yield ".SH OPTIONS"
    yield from _options(group, context)
    yield ".SH COMMANDS"
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        if one is not None:
            yield from _command(name, one, context)
    yield from _table("EXIT STATUS", ((str(code), says) for code, says in _STATUS))
    yield from _table("ENVIRONMENT", _ENVIRONMENT)
    yield from _table("FILES", _FILES)


def _command(name: str, one: click.Command, above: click.Context) -> Iterator[str]:
    context = click.Context(one, info_name=name, parent=above)
    usage = " ".join(piece for piece in one.collect_usage_pieces(context) if piece != "[OPTIONS]")
    yield f".SS dl\\-lit {_safe(name)} {_safe(usage)}".rstrip()
    yield from _prose(one.help)
    yield from _options(one, context, leave_out=_common(above.find_root()))
    yield from _prose(one.epilog)
    if isinstance(one, click.Group):
        for part in one.list_commands(context):
            if (within := one.get_command(context, part)) is not None:
                yield from _command(f"{name} {part}", within, context)


def _common(above: click.Context) -> frozenset[str]:
    """What every command takes is told once."""
    return frozenset(option for one in above.command.params for option in one.opts) | {"--help"}


def _options(one: click.Command, context: click.Context, leave_out: frozenset[str] = frozenset()) -> Iterator[str]:
    for parameter in one.get_params(context):
        is_told = isinstance(parameter, click.Option) and not leave_out & set(parameter.opts)
        record = parameter.get_help_record(context) if is_told else None
        if record is not None:
            written, says = record
            yield from (".TP", f".B {_safe(written)}", _safe(says))


def _prose(text: str | None) -> Iterator[str]:
    """Paragraphs; those that click is told to leave as they are stay so."""
    for paragraph in inspect.cleandoc(text or "").split("\n\n"):
        lines = paragraph.strip("\n").splitlines()
        if lines and lines[0].strip() == "\b":
            yield from (".PP", ".nf", *map(_safe, lines[1:]), ".fi")
        elif lines:
            yield from (".PP", _safe(" ".join(line.strip() for line in lines)))


def _table(heading: str, rows: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f".SH {heading}"
    for name, says in rows:
        yield from (".TP", f".B {_safe(name)}", _safe(says))


def _safe(text: str) -> str:
    """Text that roff sets as it is, in ASCII: no command at the beginning of a line, hyphens that can be copied."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    plain = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in plain)
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
