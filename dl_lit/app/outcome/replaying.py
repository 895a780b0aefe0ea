"""Doing a bundled run again with nothing but its bundle, and holding what comes of it beside what the run had."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from db.codec import decode_reference, encode
from db.connect import open_database
from db.exchanges import KeptExchanges
from db.intake import add_finds
from db.reading.opening import reading
from db.reading.outcome import outcome_told
from db.reading.runs import sources_of_run
from db.tables import SCHEMA_VERSION
from dl_lit import __version__
from dl_lit.app.outcome.bundling import EXCHANGES, FILES, MANIFEST, SCHEMA, sha256_of
from dl_lit.app.run import Stop, run_once
from dl_lit.app.wire import ReplayWire
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import BadInput
from dl_lit.core.services import Lane, Window
from dl_lit.core.store import NewSource, SourceKind
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings, load
from dl_lit.settings.leaves import leaves

_OURS = frozenset({"database", "library", "state_folder", "cache_folder", "local_index", "log.file", "offline"})
_NOT_FOR_REPLAYS = ("hand_in.", "serve.", "notify.", "log.", "metrics.", "runs.", "telemetry.", "watch.")
MOST_MANIFEST_BYTES = 256_000_000
"""Of what a bundle says of itself: a run over thousands of papers has some millions."""

_A_FILE = re.compile(rf"{FILES}/[0-9a-f]{{64}}")
_SHAPE: Mapping[str, type] = {
    "settings": dict, "versions": dict, "files": dict, "outcome": dict, "sources": list, "keyed": list,
}  # fmt: skip
_NO_BUNDLE = (
    OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, NotImplementedError, RuntimeError,
    zlib.error,
)  # fmt: skip
_STAND_IN = "replay"
_AT_ONCE = Lane((Window(1_000_000, 1.0),), 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that came out otherwise."""

    what: str  # a source or entry, as in `db.reading.outcome`
    was: Mapping[str, Any] | None  # in the run; None: it was not there
    now: Mapping[str, Any] | None  # in the replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay came to."""

    equal: int  # sources and entries that came out as in the run
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]  # requests that are not in the bundle, each once
    notes: tuple[str, ...]  # what of the bundle or of us may make a difference
    interrupted: bool


class ShiftedClock:
    """A clock (`core.clock.Clock`) that goes as the machine's does, but from another moment on."""

    def __init__(self, begins: datetime) -> None:
        """It is the moment `begins` now."""
        self._real = SystemClock()
        self._behind_s = self._real.time() - begins.timestamp()

    def now(self) -> datetime:
        """The present moment there, aware and in UTC."""
        return self._real.now() - timedelta(seconds=self._behind_s)

    def time(self) -> float:
        """The same in seconds since the Unix epoch."""
        return self._real.time() - self._behind_s

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""
        return self._real.monotonic()


def replay(bundle: Path, folder: Path, library: Path | None, stop: Stop, *, sequential: bool) -> Replayed:
    """Do the run again in the empty `folder` (and `library`, where its files are to be kept).

    Raises `BadInput` where the file is no bundle of ours, or a source is neither in it nor where it was.
    """
    manifest = _opened(bundle, folder)
    clock = ShiftedClock(datetime.fromisoformat(manifest["run"]["started_at"]))
    files = {one.name: one for one in (folder / FILES).glob("*")}
    files = {**{sha256: Path(path) for sha256, path in manifest["files"].items()}, **files}
    kept = KeptExchanges(folder / EXCHANGES, files)
    try:
        settings = _settings(manifest, folder, library or folder / "library")
        papers = _papers(manifest, files)
        _bring_in(manifest, settings, clock)
        wire = ReplayWire(kept, clock)
        with Workshop(settings, f"run-replay {bundle.name}", clock=clock, wire=wire) as shop:
            result = run_once(shop, papers, stop, sequential=sequential)
    finally:
        kept.close()
    with reading(settings.database) as connection:
        now = outcome_told(connection, sources_of_run(connection, result.document["run"]))
    was: dict[str, Any] = manifest["outcome"]
    different = sorted(what for what in {*was, *now} if was.get(what) != now.get(what))
    return Replayed(
        equal=len(was.keys() | now.keys()) - len(different),
        differences=tuple(Difference(what=what, was=was.get(what), now=now.get(what)) for what in different),
        missing=tuple(dict.fromkeys(wire.missing)),
        notes=tuple(_notes(manifest)),
        interrupted=result.interrupted,
    )


def _opened(bundle: Path, folder: Path) -> dict[str, Any]:
    """What the bundle says of itself; its parts are put into the folder."""
    try:
        with zipfile.ZipFile(bundle) as parts:
            wanted = [parts.getinfo(MANIFEST), parts.getinfo(EXCHANGES)]
            wanted += [one for one in parts.infolist() if _A_FILE.fullmatch(one.filename)]
            _refuse_too_large(bundle, folder, wanted)
            manifest: dict[str, Any] = json.loads(parts.read(MANIFEST))
            if manifest["schema"] != SCHEMA:
                raise BadInput(f"{bundle} is a bundle of another kind ({manifest['schema']})")
            datetime.fromisoformat(manifest["run"]["started_at"])
            for name, kind in _SHAPE.items():
                if not isinstance(manifest[name], kind):
                    raise TypeError(f"{name} is not what it should be")
            for part in wanted[1:]:
                parts.extract(part, folder)
    except _NO_BUNDLE as error:
        raise BadInput(f"{bundle} is no bundle of a run: {error}") from error
    return manifest


def _refuse_too_large(bundle: Path, folder: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    """Raise `BadInput` where unpacking would fill the memory or the disk; no more is unpacked than parts say."""
    whole = sum(one.file_size for one in parts)
    if parts[0].file_size > MOST_MANIFEST_BYTES or whole > shutil.disk_usage(folder).free // 2:
        raise BadInput(f"{bundle} is too large to be unpacked into {folder}: {whole:,} bytes")


def _settings(manifest: Mapping[str, Any], folder: Path, library: Path) -> Settings:
    """Those of the run, in places of their own and with no limits: nobody is asked."""
    env = {"HOME": str(folder)}
    for service in manifest["keyed"]:
        with suppress(KeyError):
            env[leaves()[f"services.{service}.key"].variables[0]] = _STAND_IN
    if manifest["has_contact"]:
        env["DL_LIT_CONTACT_EMAIL"] = f"{_STAND_IN}@localhost.invalid"
    options: dict[str, tuple[str, object]] = {
        name: ("of the bundle", value)
        for name, value in manifest["settings"].items()
        if name in leaves() and name not in _OURS and not name.startswith(_NOT_FOR_REPLAYS)
    }
    for name in ("database", "library", "state_folder", "cache_folder", "local_index"):
        options[name] = "of the bundle", library if name == "library" else folder / name
    options["log.level"] = "of the bundle", "error"
    settings = load(env=env, options=options).settings
    services = {
        name: replace(
            one,
            lane=_AT_ONCE,
            unproven=_AT_ONCE,
            lanes=dict.fromkeys(one.lanes, _AT_ONCE),
            unproven_lanes=dict.fromkeys(one.unproven_lanes, _AT_ONCE),
            cache_days=max(one.cache_days, 1.0) if one.cache_days else 0.0,
        )
        for name, one in settings.services.items()
    }
    host = replace(settings.host, gap_s=0.0, crawl_delay_most_s=0.0)
    return replace(settings, services=services, host=host, synchronous="NORMAL")


def _papers(manifest: Mapping[str, Any], files: Mapping[str, Path]) -> list[Path]:
    """The PDFs that the run was given."""
    found, lost = [], []
    for one in manifest["sources"]:
        if one["kind"] != SourceKind.PDF.value or one["level"]:
            continue
        places = [files[one["sha256"]]] if one["sha256"] in files else []
        place = next((path for path in (*places, Path(one["path"])) if sha256_of(path) == one["sha256"]), None)
        if place is None:
            lost.append(one["path"])
        else:
            found.append(place)
    if lost:
        raise BadInput(
            f"neither in the bundle nor where it was, as it was: {', '.join(lost[:5])} (run-bundle --with-pdfs copies)"
        )
    return found


def _bring_in(manifest: Mapping[str, Any], settings: Settings, clock: Clock) -> None:
    """Add the sources that are no files, with their entries as they were brought."""
    engine = open_database(settings.database, synchronous="NORMAL")
    try:
        for one in manifest["sources"]:
            if "references" in one:
                source = NewSource(
                    path=one["path"], sha256=one["sha256"], size_bytes=one["size_bytes"], kind=SourceKind(one["kind"]),
                    origin=one["origin"],
                )  # fmt: skip
                add_finds(engine, source, [decode_reference(encode(row)) for row in one["references"]], clock)
    finally:
        engine.dispose()


def _notes(manifest: Mapping[str, Any]) -> list[str]:
    versions = manifest["versions"]
    ours = {"dl_lit": __version__, "schema": SCHEMA_VERSION}
    notes = [f"{name} is {now} here, and was {versions[name]}" for name, now in ours.items() if versions[name] != now]
    if not manifest["is_whole"]:
        notes.append("not all answers were kept (runs.record_mb)")
    return notes
