"""A Zotero for tests, as strict as the real ones: zotero.org, Zotero 10 on this machine, and Zotero 7 to 9.

After https://www.zotero.org/support/dev/web_api/v3 (write_requests, file_upload, local_api; read 2026-11-23) and
zotero/zotero's server_localAPI.js and server_connector.js. All state is in `items` and `collections`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from tests.fakes.loopback_server import LoopbackServer, Reply, Seen

KEY = "zotero-web-key-0123456789"
LOCAL_KEY = "L" * 32
USER = 4711
_COMMON = ("title", "abstractNote", "date", "language", "url", "extra", "rights", "shortTitle", "accessDate")
FIELDS: dict[str, tuple[str, ...]] = {
    "journalArticle": (*_COMMON, "publicationTitle", "volume", "issue", "pages", "DOI", "ISSN"),
    "book": (*_COMMON, "series", "seriesNumber", "volume", "place", "publisher", "ISBN", "numPages"),
    "bookSection": (*_COMMON, "bookTitle", "volume", "pages", "publisher", "ISBN"),
    "conferencePaper": (*_COMMON, "proceedingsTitle", "volume", "pages", "publisher", "DOI", "ISBN"),
    "thesis": (*_COMMON, "university", "thesisType"),
    "report": (*_COMMON, "institution", "reportNumber", "seriesTitle", "pages"),
    "preprint": (*_COMMON, "repository", "archiveID", "DOI"),
    "dataset": (*_COMMON, "repository", "DOI"),
    "computerProgram": (*_COMMON, "company", "seriesTitle", "ISBN"),
    "webpage": (*_COMMON, "websiteTitle"),
    "document": (*_COMMON, "publisher"),
}
_OWN = {"key", "version", "itemType", "creators", "tags", "collections", "relations", "deleted", "parentItem"}
_CHILD_FIELDS = {
    "note": {"note"},
    "attachment": {"linkMode", "title", "contentType", "filename", "charset", "path", "url", "note", "md5", "mtime"},
}
_CREATORS = {
    **{name: {"author", "contributor", "translator", "editor"} for name in FIELDS},
    **{name: {"author", "contributor"} for name in ("thesis", "report", "dataset", "webpage")},
    "computerProgram": {"programmer", "contributor"},
}


class Kind(StrEnum):
    WEB = "web"
    LOCAL = "local"  # Zotero 10
    OLD = "old"  # Zotero 7 to 9


@dataclass
class FakeZotero:
    """Obeys one kind of interface. `before` and `after` may answer in its stead, before or after it acts."""

    kind: Kind = Kind.LOCAL
    server_id: str = "sPMHtLD6HHBd"
    is_enabled: bool = True
    consents: list[str] = field(default_factory=lambda: ["always"])  # what its user will answer
    quota: int = 10**9
    version: int = 10
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)  # files by attachment
    before: Callable[[Seen], Reply | None] = lambda _seen: None
    after: Callable[[Seen], Reply | None] = lambda _seen: None
    access: dict[str, Any] = field(
        default_factory=lambda: {"user": {"library": True, "write": True, "files": True, "notes": True}}
    )
    allowed: dict[str, bool] = field(default_factory=dict)  # local keys: whether they are remembered
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    _made: int = 0

    def serve(self) -> LoopbackServer:
        server = LoopbackServer({"*": self.answer})
        self.url = server.url("")
        return server

    def answer(self, seen: Seen) -> Reply:
        if (reply := self.before(seen)) is not None:
            return reply
        reply = self._answered(seen)
        return self.after(seen) or reply

    def new_key(self) -> str:
        self._made += 1
        return "ZZ" + "".join("23456789"[(self._made >> shift) & 7] for shift in (15, 12, 9, 6, 3, 0))

    def put(self, **data: Any) -> str:
        """What people have there."""
        key = self.new_key()
        self.version += 1
        base = {"itemType": "journalArticle", "tags": [], "collections": [], "creators": []}
        self.items[key] = {**base, **data, "key": key, "version": self.version}
        return key

    def change(self, key: str, **data: Any) -> None:
        """What people do to an item."""
        self.version += 1
        self.items[key] = {**self.items[key], **data, "version": self.version}

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.items.values() if one["itemType"] == kind]

    @property
    def works(self) -> list[dict[str, Any]]:
        return [one for one in self.items.values() if one["itemType"] not in {"note", "attachment"}]

    def titled(self, title: str) -> dict[str, Any]:
        (found,) = (one for one in self.works if one.get("title") == title)
        return found

    def end_at(self, nth: int, *, is_done: bool) -> None:
        """Be gone from the nth request that writes on; that one is done (`is_done`) and never answered, or not done."""
        count = 0

        def fault(seen: Seen) -> Reply | None:
            nonlocal count
            count += seen.method != "GET"
            return Reply(raw=b"", reset=True) if count >= nth else None

        if is_done:
            self.after = fault
        else:
            self.before = fault

    def come_back(self) -> None:
        """Answer everything again."""
        self.before = self.after = lambda _seen: None

    # ---- answering

    def _answered(self, seen: Seen) -> Reply:
        path = seen.path
        if self.kind is Kind.WEB:
            if path == "/storage":
                return self._upload(seen, path)
            return self._web(seen, path)
        if path.startswith("/connector/"):
            return self._connector(seen, path)
        if not path.startswith("/api"):
            return _text(404, "Not found")
        return self._local(seen, path.removeprefix("/api"))

    def _web(self, seen: Seen, path: str) -> Reply:
        if seen.headers.get("zotero-api-key") != KEY:
            return _text(403, "Invalid key")
        if path == "/keys/current":
            return _json({"key": KEY, "userID": USER, "username": "ada", "access": self.access})
        if path == "/itemTypeFields":
            return self._type_fields(seen)
        if seen.method != "GET" and not self.access["user"].get("write"):
            return _text(403, "Write access denied")
        return self._library(seen, path, f"/users/{USER}")

    def _local(self, seen: Seen, path: str) -> Reply:
        extra = {"X-Zotero-Version": "10.0.1" if self.kind is Kind.LOCAL else "8.0.3"}
        if self.kind is Kind.LOCAL:
            extra["Zotero-Server-ID"] = self.server_id
        reply = self._local_answered(seen, path)
        reply.headers.update(extra)
        return reply

    def _local_answered(self, seen: Seen, path: str) -> Reply:
        if not self.is_enabled:
            return _text(403, "Local API is not enabled")
        if path == "/":
            return _text(200, "Nothing to see here.")
        if seen.method != "GET" and self.kind is Kind.OLD:
            return _text(400, "Endpoint does not support method")
        if path.startswith("/local/uploads/"):
            return self._upload(seen, path)
        if seen.method != "GET" and (refused := self._not_allowed(seen, path)) is not None:
            return refused
        if path == "/local/authorize":
            return self._authorize()
        if path == "/itemTypeFields":
            return self._type_fields(seen)
        return self._library(seen, path, "/users/0")

    def _not_allowed(self, seen: Seen, path: str) -> Reply | None:
        server = seen.headers.get("zotero-server-id")
        if server is None:
            return _text(428, "Zotero-Server-ID not provided")
        if server != self.server_id:
            return _text(412, "Zotero-Server-ID does not match this server")
        if path == "/local/authorize":
            return None
        key = seen.headers.get("zotero-api-key")
        if key is None:
            return _text(401, "API key required -- POST /api/local/authorize to obtain one")
        if key not in self.allowed:
            return _text(401, "Invalid or expired API key")
        if not self.allowed[key]:
            del self.allowed[key]
        return None

    def _authorize(self) -> Reply:
        if not self.consents:
            return Reply(429, {"Retry-After": "30"})
        said = self.consents.pop(0)
        if said == "deny":
            return _json({"denied": True}, 403)
        self.allowed[LOCAL_KEY] = said == "always"
        return _json({"key": LOCAL_KEY, "remember": said == "always"})

    def _type_fields(self, seen: Seen) -> Reply:
        kind = dict(parse_qsl(seen.query))["itemType"]
        return _json([{"field": name, "localized": name} for name in FIELDS[kind]])

    def _library(self, seen: Seen, path: str, prefix: str) -> Reply:
        if not path.startswith(f"{prefix}/"):
            return _text(400, "Only data for the logged-in user is available")
        path = path.removeprefix(prefix)
        match seen.method, path.strip("/").split("/"):
            case "GET", ["items"]:
                return self._listed(seen, list(self.items.values()))
            case "GET", ["items", "top"]:
                return self._listed(seen, [one for one in self.items.values() if not one.get("parentItem")])
            case "GET", ["items", key, "children"]:
                return self._listed(seen, [one for one in self.items.values() if one.get("parentItem") == key])
            case "GET", ["collections"]:
                return self._listed(seen, list(self.collections.values()))
            case "POST", [("items" | "collections") as kind]:
                return self._write(seen, kind)
            case "DELETE", ["items", key]:
                return self._delete(seen, key)
            case "POST", ["items", key, "file"]:
                return self._file(seen, key)
        return _text(404, "Not found")

    def _listed(self, seen: Seen, found: list[dict[str, Any]]) -> Reply:
        asked = dict(parse_qsl(seen.query))
        if asked.get("includeTrashed") != "1":
            found = [one for one in found if not one.get("deleted")]
        if "itemKey" in asked:
            keys = asked["itemKey"].split(",")
            assert len(keys) <= 50
            found = [one for one in found if one["key"] in keys]
        if asked.get("direction") == "desc":
            found = found[::-1]
        start, limit = int(asked.get("start", 0)), int(asked.get("limit", 25))
        assert self.kind is not Kind.WEB or limit <= 100
        page = found[start : start + limit]
        headers = {"Total-Results": str(len(found)), "Last-Modified-Version": str(self.version)}
        return _json([{"key": one["key"], "version": one["version"], "data": one} for one in page], headers=headers)

    def _write(self, seen: Seen, kind: str) -> Reply:
        if "json" not in seen.headers.get("content-type", ""):
            return _text(400, "Empty request body")
        objects = json.loads(seen.body)
        if len(objects) > 50:
            return _text(413, "Cannot add more than 50 objects at a time")
        self.version += 1
        successful, unchanged, failed = {}, {}, {}
        for place, one in enumerate(objects):
            code, says = self._refusal(kind, one)
            if code:
                failed[str(place)] = {"key": one.get("key", ""), "code": code, "message": says}
                continue
            store = self.items if kind == "items" else self.collections
            before = store.get(one["key"], {})
            after = {**before, **one}
            if before and {**after, "version": 0} == {**before, "version": 0}:
                unchanged[str(place)] = one["key"]
                continue
            after["version"] = self.version
            store[one["key"]] = after
            successful[str(place)] = {"key": one["key"], "version": self.version, "data": after}
        told = {"successful": successful, "success": {}, "unchanged": unchanged, "failed": failed}
        return _json(told, headers={"Last-Modified-Version": str(self.version)})

    def _refusal(self, kind: str, one: dict[str, Any]) -> tuple[int, str]:
        store = self.items if kind == "items" else self.collections
        if not re.fullmatch("[23456789ABCDEFGHIJKLMNPQRSTUVWXYZ]{8}", one.get("key", "")):
            return 400, "'key' is not valid"
        if "version" not in one:
            return 428, "Either If-Unmodified-Since-Version or object version property must be provided"
        before = store.get(one["key"])
        if one["version"] != (before["version"] if before else 0):
            return (412, "has been modified since specified version") if before else (404, "doesn't exist")
        return self._wrong_collection(one) if kind == "collections" else self._wrong_item({**(before or {}), **one})

    def _wrong_collection(self, one: dict[str, Any]) -> tuple[int, str]:
        parent = one.get("parentCollection")
        return (409, "Parent collection not found") if parent and parent not in self.collections else (0, "")

    def _wrong_item(self, one: dict[str, Any]) -> tuple[int, str]:
        kind = one.get("itemType", "")
        known = _CHILD_FIELDS.get(kind) or FIELDS.get(kind)
        if known is None:
            return 400, f"'{kind}' is not a valid itemType"
        if wrong := set(one) - set(known) - _OWN:
            return 400, f"'{min(wrong)}' is not a valid field for type '{kind}'"
        if any(creator["creatorType"] not in _CREATORS[kind] for creator in one.get("creators") or ()):
            return 400, "not a valid creator type"
        if any(not creator.get("name") and not creator.get("lastName") for creator in one.get("creators") or ()):
            return 400, "creator without a name"
        if any(not tag["tag"].strip() for tag in one.get("tags") or ()):
            return 400, "Tag must not be empty"
        if any(key not in self.collections for key in one.get("collections") or ()):
            return 409, "Collection not found"
        if one.get("parentItem") and one["parentItem"] not in self.items:
            return 409, "Parent item not found"
        if kind == "attachment" and "parentItem" in one and one.get("collections"):
            return 400, "Child items cannot be assigned to collections"
        return 0, ""

    def _delete(self, seen: Seen, key: str) -> Reply:
        if (since := seen.headers.get("if-unmodified-since-version")) is None:
            return _text(428, "If-Unmodified-Since-Version not provided")
        if key not in self.items:
            return _text(404, "Not found")
        if self.items[key]["version"] > int(since):
            return _text(412, "has been modified")
        self.version += 1
        del self.items[key]
        return Reply(204)

    # ---- files

    def _file(self, seen: Seen, key: str) -> Reply:
        item = self.items.get(key)
        if item is None:
            return _text(404, "Not found")
        if item.get("linkMode") != "imported_file":
            return _text(400, "not a stored file")
        if (wrong := self._wrong_etag(seen, item)) is not None:
            return wrong
        form = {name: value[0] for name, value in parse_qs(seen.body.decode()).items()}
        if "upload" in form:
            return self._register(item, self.uploads.pop(form["upload"], None))
        if sum(map(len, self.stored.values())) + int(form["filesize"]) > self.quota:
            return _text(413, "File would exceed quota (300.1 > 300)")
        if form["md5"] == item.get("md5"):
            return _json({"exists": 1})
        upload = f"up{len(self.uploads) + self.version:030d}"
        self.uploads[upload] = {**form, "key": key, "body": None}
        if self.kind is Kind.WEB:
            told = {"url": f"{self.url}/storage?{upload}", "contentType": "multipart/form-data; boundary=b",
                    "prefix": f"--b\r\nkey={upload}\r\n\r\n", "suffix": "\r\n--b--"}  # fmt: skip
        else:
            url = f"http://localhost:23119/api/local/uploads/{upload}"
            told = {"url": url, "contentType": "application/pdf", "prefix": "", "suffix": ""}
        return _json({**told, "uploadKey": upload})

    @staticmethod
    def _wrong_etag(seen: Seen, item: dict[str, Any]) -> Reply | None:
        none_match, match = seen.headers.get("if-none-match"), seen.headers.get("if-match")
        if none_match is None and match is None:
            return _text(428, "If-Match/If-None-Match header not provided")
        md5 = item.get("md5")
        if (none_match == "*" and md5) or (match is not None and match != md5):
            return _text(412, "ETag does not match current version of file")
        return None

    def _upload(self, seen: Seen, path: str) -> Reply:
        assert "zotero-api-key" not in seen.headers  # keys go to nobody but Zotero
        name = seen.query if self.kind is Kind.WEB else path.rpartition("/")[2]
        upload = self.uploads.get(name)
        if upload is None:
            return _text(404, "Not found")
        body = seen.body
        if self.kind is Kind.WEB:
            prefix, suffix = f"--b\r\nkey={name}\r\n\r\n".encode(), b"\r\n--b--"
            if not (body.startswith(prefix) and body.endswith(suffix)):
                return _text(400, "malformed form")
            body = body[len(prefix) : -len(suffix)]
        if hashlib.md5(body, usedforsecurity=False).hexdigest() != upload["md5"]:
            return _text(400, "MD5 mismatch")
        upload["body"] = body
        return Reply(201)

    def _register(self, item: dict[str, Any], upload: dict[str, Any] | None) -> Reply:
        if upload is None or upload["body"] is None:
            return _text(400, "Upload key not found")
        self.version += 1
        item |= {"md5": upload["md5"], "mtime": int(upload["mtime"]), "filename": upload["filename"]}
        item["version"] = self.version
        self.stored[item["key"]] = upload["body"]
        return Reply(204, {"Last-Modified-Version": str(self.version)})

    # ---- the connector

    def _connector(self, seen: Seen, path: str) -> Reply:
        match path:
            case "/connector/getSelectedCollection":
                return _json({"libraryID": 1, "libraryEditable": True, "targets": self._targets()})
            case "/connector/saveItems":
                return self._save_items(json.loads(seen.body))
            case "/connector/updateSession":
                told = json.loads(seen.body)
                for key in self.sessions[told["sessionID"]].values():
                    self.items[key]["collections"] = [] if told["target"][0] == "L" else [told["target"][1:]]
                return _json({})
            case "/connector/saveAttachment":
                about = json.loads(seen.headers["x-metadata"])
                parent = self.sessions[dict(parse_qsl(seen.query))["sessionID"]][about["parentItemID"]]
                key = self.put(itemType="attachment", parentItem=parent, title=about["title"],
                               contentType=seen.headers["content-type"])  # fmt: skip
                self.stored[key] = seen.body
                return Reply(201)
        return _text(404, "No endpoint found")

    def _targets(self) -> list[dict[str, Any]]:
        found = [{"id": "L1", "name": "My Library", "level": 0}]
        for key, one in self.collections.items():
            if not one.get("parentCollection"):
                found.append({"id": f"C{key}", "name": one["name"], "level": 1})
                found += [
                    {"id": f"C{child}", "name": other["name"], "level": 2}
                    for child, other in self.collections.items()
                    if other.get("parentCollection") == key
                ]
        return [*found, {"id": "L2", "name": "A group", "level": 0}]

    def _save_items(self, told: dict[str, Any]) -> Reply:
        if told["sessionID"] in self.sessions:
            return _json({"error": "SESSION_EXISTS"}, 409)
        saved = self.sessions[told["sessionID"]] = {}
        for one in told["items"]:
            data = {name: value for name, value in one.items() if name not in {"id", "notes", "attachments", "tags"}}
            saved[one["id"]] = self.put(**data, tags=[{"tag": tag, "type": 1} for tag in one["tags"]])
            for note in one["notes"]:
                self.put(itemType="note", parentItem=saved[one["id"]], note=note["note"])
        return Reply(201)


def _text(status: int, says: str) -> Reply:
    return Reply(status, {"Content-Type": "text/plain"}, says.encode())


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode())
