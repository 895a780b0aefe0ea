"""A folder with the page images of one document and a page to look at them; the parent's side."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path

from dl_lit.core.coverage_text import coverage_sentence
from dl_lit.core.errors import DlLitError, PdfError
from dl_lit.core.model import Bibliography
from dl_lit.pdf.picture.order import PagePicture

_PNG = b"\x89PNG\r\n\x1a\n"
_OUR_FILE = re.compile(r"page-\d{4,6}\.png")
_LONGEST_NAME = 60  # characters of a document's name that its folder has
_DOUBTFUL = 0.5

_STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; color: #282c34; background: #f4f4f2; margin: 2rem auto; max-width: 1280px;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
figure { margin: 1.5rem 0; } figcaption { margin-bottom: .4rem; }
img { width: 100%; height: auto; background: white; border: 1px solid #bbb; }
li { margin: .3rem 0; overflow-wrap: anywhere; } .doubtful { color: #b01020; }
@media print { body { background: white; margin: 0; max-width: none; padding: 0; font-size: 10pt; }
  figure { break-inside: avoid; break-after: page; margin: 0; } img { border: 0; max-height: 26cm; width: auto;
  max-width: 100%; } }
"""


class Album:
    """The folder of one document; `take` every page image, then `finish`."""

    def __init__(self, parent: Path, path: str, sha256: str | None) -> None:
        """Make the folder below `parent`, named after the document's `path` and content; raises `DlLitError`."""
        self.folder = parent / folder_name(path, sha256)
        self._path = path
        self._pictures: dict[int, PagePicture] = {}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DlLitError(f"cannot make the folder {self.folder}: {error.strerror}") from error

    def take(self, picture: PagePicture) -> None:
        """Write a page image; what comes from the child is taken for a PNG file only if it begins as one."""
        if not picture.png.startswith(_PNG) or not 1 <= picture.page < 1_000_000:
            return
        self._write(_file_name(picture.page), picture.png)
        self._pictures[picture.page] = PagePicture(
            page=picture.page,
            png=b"",
            width=picture.width,
            height=picture.height,
            entries=picture.entries,
            left_out=picture.left_out,
        )

    def finish(self, result: Bibliography | PdfError) -> Path:
        """Write `index.html`, take away the page images of an earlier time; the path of the index."""
        pictures = [self._pictures[page] for page in sorted(self._pictures)]
        self._write("index.html", index_page(self._path, pictures, result).encode("utf-8", "replace"))
        now = {_file_name(picture.page) for picture in pictures}
        for old in self.folder.iterdir():
            if _OUR_FILE.fullmatch(old.name) and old.name not in now:
                old.unlink(missing_ok=True)
        return self.folder / "index.html"

    def give_up(self) -> None:
        """Take away the folder if nothing is in it; for a document whose reading was stopped."""
        with suppress(OSError):
            self.folder.rmdir()

    def _write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all."""
        temporary = self.folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
        try:
            temporary.write_bytes(data)
            temporary.replace(self.folder / name)
        except OSError as error:
            raise DlLitError(f"cannot write {self.folder / name}: {error.strerror}") from error
        finally:
            temporary.unlink(missing_ok=True)


def folder_name(path: str, sha256: str | None) -> str:
    """A name for a document's folder that every file system takes, the same for the same name and content."""
    stem = re.sub(r"\.pdf$", "", re.split(r"[/\\]", path)[-1], flags=re.IGNORECASE)
    plain = re.sub(r"[^\w.-]+", "-", stem, flags=re.ASCII).strip(".-_")[:_LONGEST_NAME]
    return "-".join(filter(None, (plain or "document", (sha256 or "")[:8])))


def index_page(path: str, pictures: Sequence[PagePicture], result: Bibliography | PdfError) -> str:
    """The page that shows the images in order, and the references as they were read; it needs nothing from outside."""
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width">\n',
            f"<title>{escape(path)}: what dl-lit read</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
            f"<h1>{escape(path)}</h1>\n",
            *_facts(result),
            *map(_figure, pictures),
            *_references(result),
            "</body>\n</html>\n",
        )
    )


def _facts(result: Bibliography | PdfError) -> Iterator[str]:
    if isinstance(result, PdfError):
        detail = f" ({escape(result.detail)})" if result.detail else ""
        yield f'<p class="doubtful">Not read: {escape(result.reason.value)}{detail}</p>\n'
        return
    if result.title:
        yield f"<p>{escape(result.title)}</p>\n"
    coverage = result.coverage
    yield f"<p>{escape(coverage_sentence(coverage)) if coverage else f'{len(result.references)} references'}</p>\n"
    for note in result.notes:
        yield f"<p>{escape(note)}</p>\n"


def _figure(picture: PagePicture) -> str:
    more = f"; {picture.left_out} more pages are not shown: name them with --pages" if picture.left_out else ""
    caption = f"Page {picture.page}: {picture.entries} entries begin here{more}"
    size = f'width="{int(picture.width)}" height="{int(picture.height)}"'
    return (
        f'<figure id="page-{picture.page}"><figcaption>{caption}</figcaption>'
        f'<img src="{_file_name(picture.page)}" {size} alt="{caption}"></figure>\n'
    )


def _references(result: Bibliography | PdfError) -> Iterator[str]:
    if isinstance(result, PdfError) or not result.references:
        return
    yield "<h2>The entries as they were read</h2>\n<ol>\n"
    for reference in result.references:
        doubtful = ' class="doubtful"' if reference.confidence < _DOUBTFUL else ""
        yield f'<li value="{reference.position}"{doubtful}>{escape(reference.raw)}</li>\n'
    yield "</ol>\n"


def _file_name(page: int) -> str:
    return f"page-{page:04}.png"
