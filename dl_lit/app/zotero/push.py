"""`dl-lit zotero`: a push from beginning to end, and what can be told of the libraries without one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from db.alone import alone
from db.ledger.store import DiskLedger
from db.pushed import PushedBook, PushedCount, pushed_counts
from db.reading.exports import cited_among
from db.reading.opening import reading
from dl_lit.app.outcome.choice import Choice, FilesNamed, Paths
from dl_lit.app.outcome.citing import citing, give_keys_ahead
from dl_lit.app.outcome.records import chosen_of, chosen_works
from dl_lit.app.shelving import shelf_of
from dl_lit.app.zotero.connector import ConnectorPusher
from dl_lit.app.zotero.library import MOST_TOGETHER, ConsentWithdrawn
from dl_lit.app.zotero.pushing import Lot, Pusher, PushOptions
from dl_lit.app.zotero.report import PushReport
from dl_lit.app.zotero.target import Interface, Local, NotRunning, Target, Zoteros
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput, DatabaseBusy, DatabaseUnusable, DlLitError
from dl_lit.core.values import dataclass
from dl_lit.net.zotero import ZoteroLine
from dl_lit.settings import Settings

Wait = Callable[[float], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoteroStanding:
    """What is known of the Zoteros that the settings name."""

    via: str
    local_url: str
    local: Local | None  # None: none runs, or `local_trouble`
    local_trouble: str = ""
    web: str = ""  # the library at zotero.org; "" where it cannot be written to
    web_trouble: str = ""
    pushed: tuple[PushedCount, ...] = ()


@contextmanager
def zoteros(settings: Settings, clock: Clock, wait: Wait) -> Iterator[Zoteros]:
    """The Zoteros that the settings name; what is asked of them goes into the ledger."""
    ledger = DiskLedger(settings.shared_state, clock, keep_days=settings.ledger.keep_days)
    try:
        yield Zoteros(settings, clock, wait, ledger)
    finally:
        ledger.close()


@contextmanager
def target_of(found: Zoteros, *, to_write: bool) -> Iterator[tuple[Target, ZoteroLine]]:
    """The library that `zotero.via` means, and its line. Raises as the ways to it do."""
    via = found.settings.zotero.via
    with ExitStack() as opened:
        if via != "web":
            line = opened.enter_context(found.line(is_local=True))
            try:
                there = found.look(line)
            except NotRunning:
                if via == "local" or found.settings.zotero.key is None:
                    raise
            else:
                yield found.open_local(line, there, to_write=to_write), line
                return
        line = opened.enter_context(found.line(is_local=False))
        yield found.open_web(line, to_write=to_write), line


def push(
    found: Zoteros,
    choice: Choice,
    options: PushOptions,
    *,
    clock: Clock,
    rng: random.Random,
    report: PushReport,
    tell: Callable[[str], object],
) -> None:
    """Push the works of the choice; `report` says what was done, also where this raises.

    Raises `DatabaseBusy` where another push is under way, `NeedsConfiguration`, `ServiceError` and `BadInput`.
    """
    settings = found.settings
    options = replace(options, shelf=shelf_of(settings, clock))
    with _alone(settings.database), target_of(found, to_write=not options.dry_run) as (target, line):
        report.target, report.interface, report.dry_run = target.name, target.interface.value, options.dry_run
        _refuse_links(settings, target, options)
        if options.with_files and settings.zotero.files != "none" and not target.takes_files:
            report.remark("the key does not let files be stored: PDFs are not sent")
        with PushedBook(settings.database, target.id, clock) as book:
            ids = iter(_chosen(settings, choice))
            pusher: Pusher | ConnectorPusher
            if target.interface is Interface.CONNECTOR:
                pusher = ConnectorPusher(target, line, book, settings.zotero, rng=rng, options=options, report=report)
            else:
                pusher = Pusher(target, book, settings.zotero, rng=rng, options=options, report=report, tell=tell)
            try:
                while some := list(islice(ids, MOST_TOGETHER)):
                    pusher.push(_lot(settings, choice, some))
                    tell(f"{report.works:,} works")
            except ConsentWithdrawn:
                found.forget_consent(line)
                raise


def standing(found: Zoteros) -> ZoteroStanding:
    """What can be told without writing; nothing is asked that the settings do not name."""
    settings = found.settings
    local, local_trouble, web, web_trouble = None, "", "", ""
    if settings.zotero.via != "web":
        with found.line(is_local=True) as line:
            try:
                local = found.look(line)
            except DlLitError as error:
                local_trouble = str(error)
    if settings.zotero.via != "local" and settings.zotero.key is not None:
        with found.line(is_local=False) as line:
            try:
                web = found.open_web(line, to_write=True).name
            except DlLitError as error:
                web_trouble = str(error)
    try:
        with reading(settings.database) as connection:
            pushed = tuple(pushed_counts(connection))
    except DatabaseUnusable:
        pushed = ()
    return ZoteroStanding(
        via=settings.zotero.via,
        local_url=settings.zotero.local_url,
        local=local,
        local_trouble=local_trouble,
        web=web,
        web_trouble=web_trouble,
        pushed=pushed,
    )


def _refuse_links(settings: Settings, target: Target, options: PushOptions) -> None:
    if settings.zotero.files != "linked" or not options.with_files:
        return
    if not isinstance(settings.library, Path):
        raise BadInput("files cannot be linked: they are on an object store; zotero.files = stored sends copies")
    if target.interface is not Interface.LOCAL or target.is_group:
        raise BadInput(
            f"files cannot be linked in {target.name}: only your own library of a Zotero 10 on this machine takes "
            "links; zotero.files = stored sends copies"
        )


def _chosen(settings: Settings, choice: Choice) -> list[int]:
    """The works, in printed order of their first citation."""
    files = FilesNamed(settings.library, settings.library_folder, Paths.ABSOLUTE)
    database, pattern = settings.database, settings.export.citation_key
    trouble = give_keys_ahead(database, pattern, choice.source_ids)
    with reading(database) as connection, citing(connection, database, pattern, trouble=trouble) as keys:
        return [one.view.id for one, _ in chosen_works(connection, keys, files, choice)]


def _lot(settings: Settings, choice: Choice, ids: list[int]) -> Lot:
    """Some of them, as they are now: a look of its own, since a push may take hours."""
    files = FilesNamed(settings.library, settings.library_folder, Paths.ABSOLUTE)
    database = settings.database
    with reading(database) as connection, citing(connection, database, settings.export.citation_key) as keys:
        cited = cited_among(connection, ids, choice.source_ids)
        return list(chosen_of(connection, keys, files, choice, cited))


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """One push of a database at a time: two would each put the same there."""
    with alone(database, "zotero-lock") as is_ours:
        if not is_ours:
            raise DatabaseBusy("another dl-lit zotero push of this database is under way")
        yield
