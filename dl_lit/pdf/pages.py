"""Single pages of a PDF, in the child: their texts, and a PDF of them alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dl_lit.core.errors import PdfError
from dl_lit.core.language import PageText
from dl_lit.core.reasons import Reason
from dl_lit.pdf.document import PageText as Printed
from dl_lit.pdf.engine import Document, open_document
from dl_lit.pdf.foreign import refused
from dl_lit.pdf.layout import page_lines
from dl_lit.pdf.opening import File

if TYPE_CHECKING:
    from pypdf import PageObject
    from pypdf.generic import DictionaryObject, StreamObject

LARGEST_BYTES = 40_000_000  # of a PDF of some pages: in base64 it must fit into a message, and providers take no more
MOST_CHARACTERS = 200_000  # of one page; a page of small print has 10,000

_UNMAPPED_SHARE = 0.3  # of a page's characters without a meaning, above which they are no text
_KEPT = frozenset(
    {"/Type", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/Group", "/UserUnit"}
)  # of a page: what is seen. Annotations, actions, form fields, attachments and metadata hang on other keys
_HANGS_ON = frozenset(
    {"/AF", "/OC", "/OPI", "/Ref", "/Metadata", "/PieceInfo", "/LastModified", "/StructParent", "/StructParents"}
    | {"/Alternates", "/Measure", "/PtData", "/F", "/FFilter", "/FDecodeParms"}
)  # of what a page draws: other files, layers that are left behind, the traces of the program that made it
_NAMED = ("/XObject", "/Font", "/Pattern", "/Shading", "/ExtGState", "/ColorSpace")
_IMPLICIT = frozenset({"/DefaultGray", "/DefaultRGB", "/DefaultCMYK"})  # colour spaces that no stream names
_NAME = re.compile(rb"/[^\x00\t\n\f\r ()<>\[\]{}/%]*")
_MOST_RESOURCES = 50_000  # that are looked at, of all pages


def texts_of(file: File, pages: Sequence[int], *, max_bytes: int, max_pages: int) -> tuple[PageText, ...]:
    """The texts of `pages` (1-based), in that order, those the PDF `file` does not have left out.

    Lines stand below each other as a person would read them, a hyphen at a line's end kept. Raises `PdfError`.
    """
    with open_document(file, max_bytes=max_bytes) as pdf:
        wanted = [page for page in dict.fromkeys(pages) if 1 <= page <= pdf.page_count]
        if len(wanted) > max_pages:
            raise PdfError(Reason.TOO_LARGE, f"{len(wanted)} pages, at most {max_pages} are read")
        return tuple(_text(pdf, page) for page in wanted)


def _text(pdf: Document, number: int) -> PageText:
    page = pdf.page(number - 1, with_links=False)
    lines = (line.text.removesuffix("\u00ad") + "-" * line.text.endswith("\u00ad") for line in page_lines(page))
    return PageText(number, "\n".join(lines)[:MOST_CHARACTERS], is_image=_is_image(pdf, page))


def _is_image(pdf: Document, page: Printed) -> bool:
    """Whether what the page shows cannot be read from it: a scan, letters drawn as shapes, characters of no meaning.

    A blank page is none, nor is one whose text merely looks odd: what is said of it can be checked.
    """
    if page.characters == 0:
        return pdf.shows_something(page.number - 1)
    return page.has_image or page.unmapped > _UNMAPPED_SHARE * page.characters


def split(file: File, pages: Sequence[int], *, max_bytes: int) -> bytes:
    """A PDF of `pages` (1-based) of the PDF `file`, in that order: what is seen of them, and nothing else.

    Annotations, scripts, attachments and forms stay behind, and of resources that many pages share those that these
    do not draw. The same pages of the same file give the same bytes. Raises `PdfError`: encrypted, damaged, without
    one of the pages, or more than `LARGEST_BYTES` long.
    """
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - only where models are sent files

    with open_document(file, max_bytes=max_bytes) as pdf, refused("not split"):
        count = pdf.page_count
        reader = PdfReader(io.BytesIO(pdf.buffer))
        if reader.is_encrypted:
            raise PdfError(Reason.ENCRYPTED_PDF, "not split")
        if len(reader.pages) != count:
            raise PdfError(Reason.DAMAGED_PDF, f"not split: {count} pages, or {len(reader.pages)}")
        if not pages or not all(1 <= page <= count for page in pages):
            raise PdfError(Reason.DAMAGED_PDF, f"not split: it has pages 1 to {count}")
        writer = PdfWriter()
        slimming = _Slimming()
        for number in dict.fromkeys(pages):
            page = reader.pages[number - 1]
            slimming.page(page)
            writer.add_page(page)
        out = _Bounded()
        writer.write(out)
    return out.getvalue()


class _Bounded(io.BytesIO):
    """Bytes, but not too many."""

    def write(self, data: Any, /) -> int:
        """Raises `PdfError` for what is too much."""
        if self.tell() + len(data) > LARGEST_BYTES:
            raise PdfError(Reason.TOO_LARGE, f"not split: these pages have more than {LARGEST_BYTES // 1_000_000} MB")
        return super().write(data)


class _Slimming:
    """Takes from pages, and from what they draw, all that is not seen. Changes the reader's objects, not the file."""

    def __init__(self) -> None:
        self._seen: dict[int, Any] = {}  # by identity; kept alive, so that none is mistaken for another
        self._left = _MOST_RESOURCES

    def page(self, page: PageObject) -> None:
        """Leave of the page what is seen."""
        for key in [key for key in page if key not in _KEPT]:
            del page[key]
        contents = page.get("/Contents")
        contents = contents.get_object() if contents is not None else None
        streams = [one.get_object() for one in contents] if isinstance(contents, list) else [contents]
        for stream in streams:
            _strip(stream)
        self._resources(page, lambda: b"\n".join(map(_data, streams)))

    def _drawn(self, one: Any) -> None:
        """A form, an image, a tiling pattern, or a font whose glyphs are drawings."""
        if id(one) in self._seen or not isinstance(one, dict):
            return
        self._seen[id(one)] = one
        self._left -= 1
        if self._left < 0:
            raise PdfError(Reason.TOO_LARGE, "not split: these pages draw too many things")
        if hasattr(one, "get_data"):
            _strip(one)
            for key in ("/SMask", "/Mask"):
                self._drawn(_at(one, key))
            stream: StreamObject = one  # type: ignore[assignment]
            self._resources(stream, stream.get_data)
        elif isinstance(glyphs := _at(one, "/CharProcs"), dict):
            self._resources(one, lambda: b"\n".join(_data(glyph) for glyph in glyphs.values()))  # type: ignore[arg-type]
        else:
            self._drawn(_at(_at(one, "/SMask"), "/G"))  # of a graphics state

    def _resources(self, holder: DictionaryObject, contents: Callable[[], bytes]) -> None:
        """Leave of the holder's resources those that its contents name, and see to them in turn."""
        from pypdf.generic import DictionaryObject, NameObject  # noqa: PLC0415

        resources = _at(holder, "/Resources")
        if not isinstance(resources, dict):
            return
        names = _names(contents())
        kept = DictionaryObject()
        inherits = False
        for kind in _NAMED:
            entries = _at(resources, kind)
            if not isinstance(entries, dict):
                continue
            used = {key: value for key, value in entries.items() if key in names or key in _IMPLICIT}
            inherits = inherits or any(_draws_with_its_holders(value.get_object()) for value in used.values())
            kept[NameObject(kind)] = DictionaryObject(used)
        if inherits:  # what such a one names is not looked for: all stays
            kept = DictionaryObject({key: value for key, value in resources.items() if key in _NAMED})
        for kind in ("/XObject", "/Font", "/Pattern", "/ExtGState"):
            for value in (_at(kept, kind) or {}).values():
                self._drawn(value.get_object())
        holder[NameObject("/Resources")] = kept


def _strip(one: Any) -> None:
    if isinstance(one, dict):
        for key in _HANGS_ON & one.keys():
            del one[key]


def _draws_with_its_holders(one: Any) -> bool:
    """Whether it is a form, or a font of drawings, without resources of its own."""
    return isinstance(one, dict) and "/Resources" not in one and (one.get("/Subtype") in {"/Form", "/Type3"})


def _at(one: Any, key: str) -> Any:
    """What stands under `key`, wherever it is; `None` where nothing does."""
    value = one.get(key) if isinstance(one, Mapping) else None
    return value.get_object() if value is not None else None


def _data(stream: Any) -> bytes:
    """What a stream holds, unpacked; empty where it is none."""
    found = None if stream is None else stream.get_object()
    return b"" if found is None or not hasattr(found, "get_data") else bytes(found.get_data())


def _names(contents: bytes) -> frozenset[str]:
    """The names that stand in a content stream, as pypdf spells them."""
    from pypdf.generic import NameObject  # noqa: PLC0415

    return frozenset(
        str(NameObject.read_from_stream(io.BytesIO(name + b" "), None)) for name in set(_NAME.findall(contents))
    )
