"""PDFs named on the command line: what cannot be one is told before anything begins."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from dl_lit.core.errors import BadInput


class PdfPath(click.Path):
    """The path of a PDF; an empty name, which would stand for the current folder, is a usage error."""

    def __init__(self) -> None:
        """Paths come as `Path`."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if value == "":
            self.fail("the name is empty: name a PDF file", param, ctx)
        return super().convert(value, param, ctx)


def require_files(pdfs: Iterable[Path]) -> None:
    """Raise `BadInput` for the first that is not there or is a folder; "-" is standard input."""
    for pdf in pdfs:
        if pdf == Path("-"):
            continue
        try:
            mode = pdf.stat().st_mode
        except (FileNotFoundError, NotADirectoryError) as error:
            raise BadInput(f"{pdf} does not exist: name a PDF file") from error
        except OSError:
            continue  # the reading says what is the matter with it
        if stat.S_ISDIR(mode):
            raise BadInput(f"{pdf} is a folder: name the PDFs in it, or use dl-lit process-folder-concurrent")
