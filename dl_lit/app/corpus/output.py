"""The files of an output by their names, and whose it is: what it was made from and by, and who works on it now."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dl_lit.app.corpus.places import CannotWrite, Folder, Place, sweep_drafts
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput, DatabaseBusy, DlLitError

MANIFEST = "manifest.json"
ORIGIN = "corpus.json"
RUN = "run.json"
SURVEY, DOCUMENTS, REFERENCES, CONTEXTS, MATCHES = "survey", "documents", "references", "contexts", "matches"
ORIGIN_SCHEMA = "dl-lit/corpus-origin/1"
_LOCK = ".lock"


def part_path(folder: str, part: str) -> str:
    """The name of a partition's file."""
    return f"{folder}/part-{part}.parquet"


def part_of(name: str) -> str:
    """The partition whose file it is."""
    return name.rpartition("/part-")[2].removesuffix(".parquet")


class OutputBusy(DatabaseBusy):
    """Another call is at work on this output; the message says which."""


def mark_origin(place: Place, origin: dict[str, Any]) -> None:
    """Mark the output as made from and by this; raise `BadInput` where it is somebody else's already."""
    require_origin(place, origin)
    place.write(ORIGIN, _written({"schema": ORIGIN_SCHEMA, **origin}))


def require_origin(place: Place, origin: dict[str, Any]) -> None:
    """Raise `BadInput` where the output is somebody else's already; nothing is written."""
    found = _json(place, ORIGIN)
    wanted = {"schema": ORIGIN_SCHEMA, **origin}
    if found is None:
        if isinstance(place, Folder):
            _require_own_or_empty(place)
        return
    if found.get("schema") != ORIGIN_SCHEMA or found.get("kind") != origin["kind"]:
        raise BadInput(f"{place.name} holds something else ({found.get('kind', 'unknown')}): name another folder")
    for key, said in (
        ("input", "was made from another input"),
        ("dl_lit", "was made by another dl_lit"),
        ("models", "was made with other models"),
        ("limits", "was made with other limits (pdf.* settings)"),
        ("index", "was matched against another index, or an older state of it"),
    ):
        if found.get(key) != wanted.get(key):
            detail = f" ({found.get(key)})" if isinstance(found.get(key), str) and key in {"input", "dl_lit"} else ""
            raise BadInput(f"{place.name} {said}{detail}: name another folder")


def _require_own_or_empty(place: Folder) -> None:
    try:
        strange = sorted(name for name in os.listdir(place.path) if name not in {_LOCK, RUN})  # noqa: PTH208 - names
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise BadInput(f"{place.name} is a file: name a folder for the output") from None
    except OSError as error:
        raise DlLitError(f"cannot read {place.name}: {error.strerror}") from error
    if strange:
        raise BadInput(f"{place.name} holds other things ({strange[0]}): name an empty folder for the output")


@contextmanager
def held(place: Place, command: str, clock: Clock, *, take_over: bool) -> Iterator[str]:
    """Keep other calls off the output; gives this run's name. Raises `OutputBusy`, `CannotWrite`.

    In a folder the system gives the lock back when we die. In an object store `run.json` stays then, and `take_over`
    is needed to go on; tasks of the dead run notice that they are nobody's any more.
    """
    run = secrets.token_hex(8)
    note = _written(
        {
            "run": run,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "command": command,
            "since": clock.now().isoformat(timespec="seconds"),
        }
    )
    if isinstance(place, Folder):
        with _folder_lock(place):
            sweep_drafts(place.path)
            place.write(RUN, note)
            try:
                yield run
            finally:
                place.remove(RUN)
        return
    if not place.write(RUN, note, only_new=not take_over):
        raise OutputBusy(f"{_who(place)}; if it is dead: --take-over")
    try:
        yield run
    finally:
        if run.encode() in (place.read(RUN) or b""):
            place.remove(RUN)


@contextmanager
def _folder_lock(place: Folder) -> Iterator[None]:
    path = place.path / _LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except (FileExistsError, NotADirectoryError):
        raise BadInput(f"{place.name} is a file: name a folder for the output") from None
    except OSError as error:
        raise CannotWrite(f"cannot write {place.name}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputBusy(_who(place)) from None
        except OSError as error:  # a file system without locks: two calls at once would not be told apart
            raise CannotWrite(f"cannot lock {path}: {error.strerror}") from error
        yield
    finally:
        os.close(handle)


def _who(place: Place) -> str:
    note = _json(place, RUN) or {}
    who = f"process {note.get('pid')} on {note.get('host')} ({note.get('command')}, since {note.get('since')})"
    return f"another call is at work on {place.name}: {who if note else 'it is just beginning'}"


def _json(place: Place, name: str) -> dict[str, Any] | None:
    try:
        content = place.read(name)
    except OSError as error:
        raise DlLitError(f"cannot read {place.name}/{name}: {error.strerror}") from error
    if content is None:
        return None
    try:
        found = json.loads(content)
    except ValueError:
        raise BadInput(f"{place.name}/{name} is not dl_lit's: name another folder") from None
    return found if isinstance(found, dict) else {}


def read_json(place: Place, name: str) -> dict[str, Any] | None:
    """A JSON file of an output; None where there is none. Raises `BadInput`, `DlLitError`."""
    return _json(place, name)


def _written(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def write_json(place: Place, name: str, value: dict[str, Any]) -> None:
    """Write a JSON file of an output; the same value gives the same bytes."""
    place.write(name, _written(value))
