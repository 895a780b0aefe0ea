"""Which Zotero is meant, whether it can be written to, and how it is asked for leave.

The program on this machine: since Zotero 10 its local interface writes, after its user has allowed it in a dialogue;
Zotero 7 to 9 read only, and take new items the way the browser's connector brings them. zotero.org: with a key.
https://www.zotero.org/support/dev/web_api/v3/local_api and .../basics (read 2026-11-23).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from dl_lit import __version__
from dl_lit.app.zotero.library import ZoteroLibrary
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError, NeedsConfiguration, ServiceError
from dl_lit.core.memory import NetworkLedger
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.connections import user_agent
from dl_lit.net.zotero import ZoteroAnswer, ZoteroLine
from dl_lit.settings import Settings

APP_NAME = "dl_lit"
ANSWER_WITHIN_S = 300.0
"""How long Zotero's user is given to answer its dialogue."""

_ALLOW = "in Zotero: Settings, Advanced, Allow other applications on this computer to communicate with Zotero"


class Interface(StrEnum):
    """How works get into the library."""

    LOCAL = "local"  # Zotero 10 and later
    CONNECTOR = "connector"  # Zotero 7 to 9: new items alone
    WEB = "web"


class NotRunning(ServiceError):
    """No Zotero runs on this machine, or it does not listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """The Zotero that runs on this machine, as far as it tells."""

    version: str | None  # of the program
    server_id: str | None  # of its database; None: Zotero 9 or older
    is_enabled: bool  # whether its local interface may be read
    is_allowed: bool  # whether we hold a key to write


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One library, and how it is reached."""

    id: str  # what was pushed is kept under this
    name: str  # for people
    interface: Interface
    library: ZoteroLibrary
    takes_files: bool = True  # whether the key, or the library, lets files be stored
    is_group: bool = False


class Consents:
    """The keys that Zotero gave us on this machine, by its database. In a file that its owner alone may read."""

    def __init__(self, state_folder: Path) -> None:
        """Nothing is read yet."""
        self._file = state_folder / "zotero-consents.json"

    def of(self, server_id: str) -> str | None:
        """The key for a database; None where there is none."""
        return self._all().get(server_id)

    def keep(self, server_id: str, key: str | None) -> None:
        """Keep a key, or (None) throw it away."""
        kept = {id_: one for id_, one in self._all().items() if id_ != server_id} | ({server_id: key} if key else {})
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        with suppress(FileNotFoundError):
            new.unlink()
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(kept, file)
        new.replace(self._file)

    def _all(self) -> dict[str, str]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(id_): str(key) for id_, key in found.items()} if isinstance(found, dict) else {}


class Zoteros:
    """Opens lines to the Zoteros that the settings name. Close what it opened with the lines."""

    def __init__(
        self, settings: Settings, clock: Clock, wait: Callable[[float], object], ledger: NetworkLedger
    ) -> None:
        """`wait` sleeps so many seconds; `ledger` is told of every request."""
        self.settings = settings
        self._clock, self._wait, self._ledger = clock, wait, ledger
        self.consents = Consents(settings.state_folder)

    def line(self, *, is_local: bool) -> ZoteroLine:
        """A line to the program here, or to zotero.org."""
        zotero = self.settings.zotero
        return ZoteroLine(
            zotero.local_url if is_local else zotero.url,
            user_agent=user_agent(__version__, project_page=self.settings.project_url),
            clock=self._clock,
            wait=self._wait,
            timeout_s=zotero.timeout_s,
            is_local=is_local,
            ledger=self._ledger,
            offline=self.settings.offline,
        )

    def look(self, line: ZoteroLine) -> Local:
        """What the Zotero on this machine says of itself. Raises `NotRunning`."""
        try:
            answer = line.ask("GET", "/api/", is_first=True)
        except ServiceError as error:
            where = self.settings.zotero.local_url
            raise NotRunning(
                "zotero", error.reason, f"no Zotero answers at {where}: start it", costs_attempt=False
            ) from error
        server_id = answer.headers.get("zotero-server-id")
        return Local(
            version=answer.headers.get("x-zotero-version"),
            server_id=server_id,
            is_enabled=answer.status == 200,
            is_allowed=bool(server_id and self.consents.of(server_id)),
        )

    def open_local(self, line: ZoteroLine, found: Local, *, to_write: bool) -> Target:
        """The library in the program here. Raises `NeedsConfiguration` that says what is to be allowed."""
        if not found.is_enabled:
            raise NeedsConfiguration(f"Zotero runs, but may not be asked; allow it {_ALLOW}")
        path, name = self._library_path("0")
        if found.server_id is None:
            library = ZoteroLibrary(
                line, f"/api{path}", headers={}, can_write=False, name=f"Zotero {found.version or ''}"
            )
            return Target(
                id=f"connector:{path}",
                name=f"{name} of Zotero {found.version or ''} on this machine".replace("  ", " "),
                interface=Interface.CONNECTOR,
                library=library,
                is_group=path.startswith("/groups/"),
            )
        headers = {"Zotero-Server-ID": found.server_id}
        if (key := self.consents.of(found.server_id)) is not None:
            headers["Zotero-API-Key"] = key
        elif to_write:
            raise NeedsConfiguration("Zotero has not allowed dl_lit to write yet: run dl-lit zotero connect")
        return Target(
            id=f"local:{found.server_id}{path}",
            name=f"{name} of Zotero on this machine",
            interface=Interface.LOCAL,
            library=ZoteroLibrary(line, f"/api{path}", headers=headers, name="Zotero"),
            is_group=path.startswith("/groups/"),
        )

    def open_web(self, line: ZoteroLine, *, to_write: bool) -> Target:
        """The library at zotero.org. Raises `NeedsConfiguration` where the key is lacking or does not do."""
        key = self.settings.zotero.key
        if key is None:
            raise NeedsConfiguration(
                "zotero.key is not set: make one at https://www.zotero.org/settings/keys and set DL_LIT_ZOTERO_KEY"
            )
        headers = {"Zotero-API-Key": key}
        told = self._key_told(line.ask("GET", "/keys/current", headers=headers))
        path, name = self._library_path(str(told.get("userID")))
        rights = _rights(told, path)
        if not rights.get("library") or (to_write and not rights.get("write")):
            what = "written to" if rights.get("library") else "read"
            raise NeedsConfiguration(f"the key at zotero.org does not let {name} be {what}: change it, or make another")
        is_group = path.startswith("/groups/")
        return Target(
            id=f"web:{path}",
            name=f"{name} at zotero.org",
            interface=Interface.WEB,
            library=ZoteroLibrary(line, path, headers=headers, name="zotero.org"),
            takes_files=is_group or bool(rights.get("files")),
            is_group=is_group,
        )

    def connect(self, line: ZoteroLine) -> Local:
        """Have Zotero ask its user whether we may write, and keep the key. Raises `NeedsConfiguration`."""
        found = self.look(line)
        if not found.is_enabled:
            raise NeedsConfiguration(f"Zotero runs, but may not be asked; allow it {_ALLOW}")
        if found.server_id is None:
            raise NeedsConfiguration(
                f"Zotero {found.version or '9 or older'} lets nobody write through its local interface, as "
                "Zotero 10 does: dl-lit zotero push adds new items without being allowed, or set zotero.via to web"
            )
        answer = line.ask(
            "POST",
            "/api/local/authorize",
            body=json.dumps({"appName": APP_NAME}).encode(),
            headers={"Content-Type": "application/json", "Zotero-Server-ID": found.server_id},
            timeout_s=ANSWER_WITHIN_S,
        )
        if answer.status == 403:
            raise NeedsConfiguration("it was denied in Zotero: nothing can be pushed; dl-lit zotero connect asks again")
        told = _object(answer)
        if answer.status != 200 or not isinstance(told.get("key"), str):
            raise ServiceError("zotero", Reason.BAD_ANSWER, f"HTTP {answer.status}")
        if told.get("remember") is not True:
            raise NeedsConfiguration(
                "Zotero allowed one change only, and a push makes many: "
                "run dl-lit zotero connect again and choose Always Allow"
            )
        self.consents.keep(found.server_id, told["key"])
        return self.look(line)

    def forget_consent(self, line: ZoteroLine) -> None:
        """Throw the key away that Zotero does not take any more."""
        with suppress(DlLitError):
            if (server_id := self.look(line).server_id) is not None:
                self.consents.keep(server_id, None)

    def _library_path(self, user: str) -> tuple[str, str]:
        kind, _, number = self.settings.zotero.library.partition(":")
        return (f"/groups/{number}", f"group {number}") if kind == "group" else (f"/users/{user}", "the library")

    @staticmethod
    def _key_told(answer: ZoteroAnswer) -> dict[str, Any]:
        if answer.status in {403, 404}:
            raise NeedsConfiguration("zotero.org does not know the key (zotero.key): make another")
        told = _object(answer)
        if answer.status != 200 or not told.get("userID"):
            raise ServiceError("zotero", Reason.BAD_ANSWER, f"HTTP {answer.status}")
        return told


def _rights(told: dict[str, Any], path: str) -> dict[str, Any]:
    """What the key may do with the library."""
    access = told.get("access") or {}
    if path.startswith("/users/"):
        return access.get("user") or {}
    groups = access.get("groups") or {}
    return groups.get(path.removeprefix("/groups/")) or groups.get("all") or {}


def _object(answer: ZoteroAnswer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
