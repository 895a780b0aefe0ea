"""How a platform is described: by what it is recognised, and which of a page's links is its file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from dl_lit.core.values import dataclass
from dl_lit.landing.address import split
from dl_lit.landing.candidate import Candidate
from dl_lit.landing.sheet import Anchor, Sheet
from dl_lit.landing.words import Says, says

_SCRIPT_SEARCH = 1_500_000  # characters of a page that are searched for what its scripts hold
_MOST = 60  # links of one rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way in which one platform shows its files. All that is given must hold; expressions ignore case."""

    name: str  # of the platform; the technique is "platform-<name>"
    host: str = ""  # expression on the page's host
    path: str = ""  # on the path and query of the page's address; its group "id" is what `same` compares
    generator: str = ""  # on what the page says made it
    shows: str = ""  # on the page's markup as it came
    link: str = ""  # on the address of a link of the page
    names: str = ""  # on that link's classes, id, title and label
    text: str = ""  # on what is read on that link
    same: bool = False  # the link's address has the page's own "id" in it
    script: str = ""  # instead of a link: its first group, in the page's markup as it came, is the address
    address: tuple[str, str] = ("", "")  # rewrite what was found: expression, replacement
    own: tuple[str, str] = ("", "")  # instead of a link: rewrite the page's own address
    any_text: bool = False  # the link's text need not speak for it: the platform's addresses are sure

    @property
    def technique(self) -> str:
        """The stable name under which its finds are kept."""
        return f"platform-{self.name}"

    def finds(self, sheet: Sheet, title: str) -> Iterator[Candidate]:
        """The links that the rule takes from the page; `title` is the work's."""
        parts = split(sheet.url)
        where = f"{unquote(parts.path)}?{parts.query}" if parts.query else unquote(parts.path)
        path = re.search(self.path, where, re.IGNORECASE) if self.path else None
        if self.path and path is None:
            return
        if self.host and not re.search(self.host, sheet.host, re.IGNORECASE):
            return
        if self.generator and not re.search(self.generator, sheet.generator, re.IGNORECASE):
            return
        if self.shows and not re.search(self.shows, sheet.html[:_SCRIPT_SEARCH], re.IGNORECASE):
            return
        own = (path.groupdict().get("id") or "").lower() if path is not None else ""
        found = self._taken(sheet, own, title)
        for _, candidate in zip(range(_MOST), found, strict=False):
            yield candidate

    def _taken(self, sheet: Sheet, own: str, title: str) -> Iterator[Candidate]:
        if self.script:
            for match in re.finditer(self.script, sheet.html[:_SCRIPT_SEARCH], re.IGNORECASE):
                url = sheet.absolute(_unescaped(match[1]))
                if url is not None and (not self.same or own in unquote(url).lower()):
                    yield Candidate(self._rewritten(url), self.technique, is_stated=True)
        elif self.own[0]:
            url = sheet.absolute(re.sub(self.own[0], self.own[1], sheet.url.split("?")[0], flags=re.IGNORECASE))
            if url is not None and url != sheet.url:
                yield Candidate(url, self.technique, is_stated=True)
        else:
            for anchor in sheet.anchors:
                if anchor.region is None and self._fits(anchor, own, title):
                    url = self._rewritten(anchor.url)
                    place = None if self.same else anchor  # what carries the page's own identifier needs no other proof
                    yield Candidate(url, self.technique, anchor=place, origin=anchor.url)

    def _fits(self, anchor: Anchor, own: str, title: str) -> bool:
        if self.link and not re.search(self.link, anchor.address, re.IGNORECASE):
            return False
        if self.names and not re.search(self.names, anchor.names, re.IGNORECASE):
            return False
        if self.text and not re.search(self.text, anchor.text, re.IGNORECASE):
            return False
        if self.same and (not own or not _stands_in(own, anchor.address.lower())):
            return False
        return self.any_text or says(anchor.text, title) is not Says.NO

    def _rewritten(self, url: str) -> str:
        return re.sub(self.address[0], self.address[1], url, flags=re.IGNORECASE) if self.address[0] else url


def _stands_in(own: str, address: str) -> bool:
    """Whether the identifier stands in the address whole: "12" is not in "/123"."""
    at = address.find(own)
    while at >= 0:
        before, after = address[at - 1 : at], address[at + len(own) : at + len(own) + 1]
        if not (before.isalnum() and own[0].isalnum()) and not (after.isalnum() and own[-1].isalnum()):
            return True
        at = address.find(own, at + 1)
    return False


def _unescaped(text: str) -> str:
    """An address as scripts write it: escaped slashes and ampersands."""
    return (
        text.replace("\\/", "/")
        .replace("\\u002F", "/")
        .replace("\\u002f", "/")
        .replace("\\u0026", "&")
        .replace("&amp;", "&")
    )
