"""One Zotero library by its interface, which the program on this machine and zotero.org share: read, write, attach.

Writes as in https://www.zotero.org/support/dev/web_api/v3/write_requests and .../file_upload (read 2026-11-23): at most
50 objects a request, each under a key of ours and with the version that it is known in, 0 for a new one. So nothing is
made twice however often it is sent, and `Zotero-Write-Token`, which is for writes without versions, is not needed.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from dl_lit.core.errors import DlLitError, NeedsConfiguration, ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.zotero import Unheard, ZoteroAnswer, ZoteroLine

MOST_TOGETHER = 50
"""Objects in one request: https://www.zotero.org/support/dev/web_api/v3/write_requests (read 2026-11-23)."""

_PAGE = 100  # objects that zotero.org lists at once, at most
_KEY_LETTERS = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
_REFUSED = {401: "the key is not known there", 403: "the key does not allow it"}

Data = dict[str, Any]


class ConsentWithdrawn(NeedsConfiguration):
    """Zotero does not take the key any more that it gave us: ask it again."""


class NoMoreFiles(DlLitError):
    """Files are not taken (any more), items are: the library's storage is full, or the key may not store any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of one request that writes, by place in what was sent."""

    saved: Mapping[int, Data]  # as it stands there now; of an object that was the same, only key and version
    failed: Mapping[int, tuple[int, str]]  # status and what it says


class ZoteroLibrary:
    """A library. For one thread."""

    def __init__(
        self, line: ZoteroLine, prefix: str, *, headers: Mapping[str, str], can_write: bool = True, name: str = ""
    ) -> None:
        """`prefix` is "/users/0" or "/groups/12", after "/api" where it is local; `headers` hold keys."""
        self._line, self._prefix, self._headers = line, prefix, headers
        self._fields: dict[str, frozenset[str]] = {}
        self.can_write = can_write
        self.name = name

    @staticmethod
    def new_key(rng: random.Random) -> str:
        """A key for an object to be, out of the letters that Zotero takes."""
        return "".join(rng.choices(_KEY_LETTERS, k=8))

    def fields_of(self, item_type: str) -> frozenset[str]:
        """The fields that items of the type have in this Zotero; asked for once."""
        if item_type not in self._fields:
            root = self._prefix.rpartition("/users/")[0] or self._prefix.rpartition("/groups/")[0]
            listed = self._listed(self._ask("GET", f"{root}/itemTypeFields", [("itemType", item_type)]))
            self._fields[item_type] = frozenset(str(one["field"]) for one in listed)
        return self._fields[item_type]

    def items(self, keys: Iterable[str]) -> dict[str, Data]:
        """The items under these keys, those in the trash (`deleted`) included; those erased are left out."""
        found: dict[str, Data] = {}
        wanted = list(dict.fromkeys(keys))
        for place in range(0, len(wanted), MOST_TOGETHER):
            some = ",".join(wanted[place : place + MOST_TOGETHER])
            params = [("itemKey", some), ("includeTrashed", "1"), ("limit", str(MOST_TOGETHER))]
            found |= {one["key"]: one for one in self._data(self._ask("GET", self._path("/items"), params))}
        return found

    def top_items(self) -> Iterator[Data]:
        """All items that are nobody's children and not in the trash, a page at a time."""
        return self._pages("/items/top", (("sort", "dateAdded"), ("direction", "asc")))

    def newest(self, count: int) -> list[Data]:
        """The items that came last."""
        params = [("sort", "dateAdded"), ("direction", "desc"), ("limit", str(count))]
        return list(self._data(self._ask("GET", self._path("/items/top"), params)))

    def children(self, key: str) -> list[Data]:
        """Notes and attachments of an item."""
        return list(self._pages(f"/items/{key}/children", ()))

    def collections(self) -> list[Data]:
        """All collections that are not in the trash."""
        return [one for one in self._pages("/collections", ()) if not one.get("deleted")]

    def write(self, kind: str, objects: Sequence[Data]) -> Written:
        """Make or change up to 50 objects ("items", "collections"); fields that are not named stay as they are.

        Raises `Unheard` where it cannot be told what arrived.
        """
        body = json.dumps(objects, ensure_ascii=False).encode()
        answer = self._ask("POST", self._path(f"/{kind}"), body=body, headers={"Content-Type": "application/json"})
        told = self._mapping(answer)
        saved: dict[int, Data] = {}
        for place, one in (told.get("successful") or {}).items():
            saved[int(place)] = one.get("data") or {"key": one.get("key"), "version": one.get("version")}
        for place in told.get("unchanged") or {}:
            saved[int(place)] = {name: objects[int(place)].get(name) for name in ("key", "version")}
        failed = {
            int(place): (int(one.get("code") or 0), str(one.get("message") or ""))
            for place, one in (told.get("failed") or {}).items()
        }
        return Written(saved=saved, failed=failed)

    def erase(self, key: str, version: int) -> None:
        """Take back an item of ours, if it is as we left it."""
        self._ask(
            "DELETE", self._path(f"/items/{key}"), headers={"If-Unmodified-Since-Version": str(version)}, may=(404, 412)
        )

    def attach(self, key: str, file: Path, *, name: str, before: str | None) -> str | None:
        """Put a file under an attachment: ask leave, send it, register it; the file's MD5.

        `before` is the MD5 of the file that is there; None: there is none. Answers None where another has come there
        meanwhile. Raises `NoMoreFiles`, `OSError` of the file, and as `write`.
        """
        md5 = md5_of(file)
        found = file.stat()
        path = self._path(f"/items/{key}/file")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        form |= {"If-None-Match": "*"} if before is None else {"If-Match": before}
        wish = {"md5": md5, "filename": name, "filesize": found.st_size, "mtime": int(found.st_mtime * 1000)}
        leave = self._ask("POST", path, body=urlencode(wish).encode(), headers=form, may=(403, 412, 413))
        _refuse_files(leave)
        if leave.status == 412:
            return None
        told = self._mapping(leave)
        if told.get("exists"):
            return md5
        sent = self._line.send_file(
            str(told.get("url")),
            file,
            content_type=str(told.get("contentType")),
            prefix=str(told.get("prefix", "")).encode(),
            suffix=str(told.get("suffix", "")).encode(),
        )
        _refuse_files(sent)
        if not 200 <= sent.status < 300:
            raise self._error(sent)
        body = urlencode({"upload": str(told.get("uploadKey"))}).encode()
        ended = self._ask("POST", path, body=body, headers=form, may=(403, 412, 413))
        _refuse_files(ended)
        return None if ended.status == 412 else md5

    def _pages(self, path: str, params: Sequence[tuple[str, str]]) -> Iterator[Data]:
        start = 0
        while True:
            answer = self._ask("GET", self._path(path), [*params, ("limit", str(_PAGE)), ("start", str(start))])
            page = list(self._data(answer))
            yield from page
            start += len(page)
            total = answer.headers.get("total-results", "")
            if not page or (total.isdigit() and start >= int(total)) or (not total and len(page) < _PAGE):
                return

    def _data(self, answer: ZoteroAnswer) -> Iterator[Data]:
        for one in self._listed(answer):
            data = one.get("data")
            if isinstance(data, dict) and "key" in data:
                yield {"version": one.get("version"), **data}

    def _ask(
        self,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        may: Sequence[int] = (),
    ) -> ZoteroAnswer:
        answer = self._line.ask(method, path, params=params, body=body, headers={**self._headers, **(headers or {})})
        if not 200 <= answer.status < 300 and answer.status not in may:
            raise self._error(answer)
        return answer

    def _error(self, answer: ZoteroAnswer) -> DlLitError:
        if answer.status == 401 and "Zotero-Server-ID" in self._headers:
            return ConsentWithdrawn("Zotero does not let dl_lit write any more: run dl-lit zotero connect")
        if why := _REFUSED.get(answer.status):
            return NeedsConfiguration(f"{self.name} refuses: {why} ({answer.says}); dl-lit zotero status tells more")
        if answer.status == 412 and "server" in answer.says.lower():
            return NeedsConfiguration(f"{self.name} is another Zotero than before: begin again")
        return ServiceError("zotero", Reason.BAD_ANSWER, f"HTTP {answer.status} {answer.says}")

    def _path(self, path: str) -> str:
        return f"{self._prefix}{path}"

    def _listed(self, answer: ZoteroAnswer) -> list[Data]:
        found = _json(answer)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ServiceError("zotero", Reason.BAD_ANSWER, "no list")
        return found

    def _mapping(self, answer: ZoteroAnswer) -> Data:
        found = _json(answer)
        if not isinstance(found, dict):
            raise Unheard("zotero", Reason.BAD_ANSWER, "no object")
        return found


def _refuse_files(answer: ZoteroAnswer) -> None:
    """Raise `NoMoreFiles` where that is what it says."""
    if answer.status == 413:
        raise NoMoreFiles(f"the library's storage is full ({answer.says or 413})")
    if answer.status == 403:
        raise NoMoreFiles(f"no files may be stored there ({answer.says or 403})")


def _json(answer: ZoteroAnswer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise Unheard("zotero", Reason.BAD_ANSWER, "no JSON") from error


def md5_of(file: Path) -> str:
    """As Zotero tells files apart."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
