"""The settings of live Zotero: which library works are pushed into, what goes with them, and how it is reached."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Literal
from urllib.parse import urlsplit

from dl_lit.core.hosts import is_loopback_url
from dl_lit.core.values import dataclass
from dl_lit.settings.kinds import SomeSeconds

Via = Literal["auto", "local", "web"]
PushedFiles = Literal["stored", "linked", "none"]

_LIBRARY = re.compile(r"user|group:[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoteroSettings:
    """Where works are pushed, and what goes with them."""

    via: Via = "auto"  # the Zotero that runs here, or zotero.org; auto: the former where it answers, else the latter
    local_url: str = "http://127.0.0.1:23119"  # of the Zotero that runs on this machine; no other machine will do
    url: str = "https://api.zotero.org"
    key: str | None = field(default=None, repr=False)  # of zotero.org, from https://www.zotero.org/settings/keys
    library: str = "user"  # your own, or "group:NUMBER"
    collection: str = "dl_lit"  # at the top of the library; holds one for each source
    tag_prefix: str = "dl_lit:"  # before what became of a work: "dl_lit:downloaded", "dl_lit:no-oa-location"
    files: PushedFiles = "stored"  # PDFs as copies in Zotero's storage, as links to the library's files, or not at all
    notes: bool = True  # retractions, why there is no PDF, other versions, as a note beneath the item
    timeout_s: SomeSeconds = 60.0  # of one request; a file may take ten times as long

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown anywhere."""
        return (self.key,) if self.key else ()


def check_zotero(name: str, value: str) -> None:
    """Raise `ValueError`, in one line, where the setting `zotero.<name>` will not do."""
    match name:
        case "library":
            if not _LIBRARY.fullmatch(value):
                raise ValueError(f"{value!r} is no library; write user, or group:NUMBER as in the group's address")
        case "collection" | "tag_prefix":
            if not value.isprintable() or value != value.strip() or not value or len(value) > 100:
                raise ValueError(f"{value!r} is no name: one line, no blanks around it, at most 100 characters")
        case "url":
            if urlsplit(value).scheme != "https" and not is_loopback_url(value):
                raise ValueError(f"{value!r} would be told the key unencrypted; write https://...")
        case "local_url":
            parts = urlsplit(value)
            if not is_loopback_url(value) or parts.scheme != "http" or parts.path.rstrip("/") or parts.query:
                raise ValueError(f"{value!r} does not lead to this machine; write http://127.0.0.1:PORT")
