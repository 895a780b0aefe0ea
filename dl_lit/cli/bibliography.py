"""`dl-lit bibliography`: a source's list of references as a citation style prints it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.cli.output import to_standard_output, write_output
from dl_lit.core.errors import BadInput

if TYPE_CHECKING:
    from dl_lit.app.outcome.styled_list import StyledEntry

_MARK = "[not recognised: as printed]"


@click.command(
    epilog="""\b
Examples:
  dl-lit bibliography s5                                     as APA prints it
  dl-lit bibliography ~/inbox/paper.pdf --style ieee
  dl-lit bibliography s5 --style our-journal.csl --html --output list.html

Styles: ama, apa, chicago, harvard, ieee, mla, nature, vancouver, any name of citationstyles.org, the path of a .csl
file. Needs the extra csl: scripts/setup --csl."""
)
@click.argument("source", metavar="SOURCE")
@click.option("--style", default="apa", show_default=True, metavar="STYLE", help="A style's name, or a .csl file.")
@click.option("--locale", metavar="LOCALE", help="The language of its words, such as de-DE; the style's own without.")
@click.option("--html", "as_html", is_flag=True, help="Print a page of HTML.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write there, whole or not at all; - is standard output.",
)
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    source: str,
    style: str,
    locale: str | None,
    as_html: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Print the list of references of SOURCE (id or path) in a citation style.

    Recognised works are printed from their records; what was not recognised stands there as it was read, marked.
    """
    if as_html and as_json:
        raise click.UsageError("--html and --json each say what to print: name one of the two")
    name, entries = _entries(invocation, source, style, locale)
    if as_json:
        _write(output, [_document(name, style, entries)])
    else:
        _write(output, _page(name, entries) if as_html else _lines(entries))
    unknown = sum(one.work_id is None for one in entries)
    if unknown:
        click.echo(f"dl-lit: {unknown:,} of {len(entries):,} are not recognised and stand as they were read", err=True)


def _entries(invocation: Invocation, source: str, style: str, locale: str | None) -> tuple[str, Sequence[StyledEntry]]:
    """The source's name and its list."""
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.sources import sources_named, sources_with_entries  # noqa: PLC0415
    from dl_lit.app.outcome.citing import citing, keys_not_kept  # noqa: PLC0415
    from dl_lit.app.outcome.styled_list import styled  # noqa: PLC0415
    from dl_lit.exports.csl_style import Style  # noqa: PLC0415

    opened = Style(style, locale)
    database, pattern = invocation.settings.database, invocation.settings.export.citation_key
    with reading(database) as connection, citing(connection, database, pattern) as keys:
        ids = sources_named(connection, source)
        (view, *others) = sources_with_entries(connection, ids)
        if others:
            raise BadInput(f"{source} is several sources: name one of {', '.join(f's{id_}' for id_ in ids)}")
        named = keys.of(entry.work.id for entry in view.entries if entry.work)
        entries = styled(view.entries, opened, named)
    if trouble := keys_not_kept(keys):
        click.echo(f"dl-lit: {trouble}", err=True)
    return view.facts.title or Path(view.facts.path).name, entries


def _lines(entries: Sequence[StyledEntry]) -> Iterator[str]:
    for one in entries:
        yield " ".join(filter(None, (one.number, one.text, "" if one.work_id else _MARK))) + "\n"


def _page(name: str, entries: Sequence[StyledEntry]) -> Iterator[str]:
    """A page that stands alone, with the classes that citation processors give their lists."""
    title = html.escape(" ".join(name.split()))
    yield (
        f'<!doctype html>\n<html>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        "<style>.csl-entry { padding-left: 2em; text-indent: -2em; margin: 0 0 .5em } "
        ".not-recognised { color: #a33 }</style>\n"
        f'<h1>{title}</h1>\n<div class="csl-bib-body">\n'
    )
    for one in entries:
        number = f"{html.escape(one.number)} " if one.number else ""
        mark = "" if one.work_id else f' <small class="not-recognised">{_MARK}</small>'
        key = f' id="{html.escape(one.key)}"' if one.key else ""
        yield f'<div class="csl-entry"{key}>{number}{one.html}{mark}</div>\n'
    yield "</div>\n</html>\n"


def _document(name: str, style: str, entries: Sequence[StyledEntry]) -> str:
    import json  # noqa: PLC0415 - with what prints
    from dataclasses import asdict  # noqa: PLC0415

    from dl_lit.core.controls import json_shown  # noqa: PLC0415

    told = {
        "schema": "dl-lit/styled-list/1",
        "source": name,
        "style": style,
        "entries": [asdict(one) for one in entries],
    }
    return json_shown(json.dumps(told, ensure_ascii=False, indent=1)) + "\n"


def _write(output: Path | None, pieces: Sequence[str] | Iterator[str]) -> None:
    if output is not None and not to_standard_output(output):
        write_output(output, pieces)
        return
    for piece in pieces:
        click.echo(piece, nl=False)
