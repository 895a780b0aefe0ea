"""One fault at one place for an hour of a batch's life, then health; and what came of it."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from proofs.faults.kinds import EVERYBODY, FAULTS, HOSTS, SERVICES
from proofs.faults.leaping import LeapingClock
from proofs.faults.scene import HOUR_S, Course, Scene, Shop
from proofs.picture import Picture, broken_promises, differences, picture

from db.connect import connect
from db.reading.opening import reading
from db.rechecking import next_due
from db.retrying import Wanted, put_back
from dl_lit.app.care.rechecking import Rechecks
from dl_lit.app.now.conditions import Facts, Limits, judge
from dl_lit.app.now.services_now import services_now
from dl_lit.core.breaker import FAILURES_TO_OPEN, OPEN_S
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import DAY_S
from dl_lit.core.services import BY_NAME
from dl_lit.replica.faults import Fault

# Who is asked only where another is of no use; the other is, for as long.
_INSTEAD_OF: Mapping[str, tuple[Fault, ...]] = {
    "opencitations": tuple(Fault(kind=FAULTS["reset"].kind, group=one) for one in ("openalex", "crossref")),
    "wayback": (Fault(kind=FAULTS["404"].kind, group="repository", call="pdf"),),
    "openalex_content": (Fault(kind=FAULTS["404"].kind, group="repository", call="pdf"),),
}
EVERYBODYS_S = 240.0  # an outage of all; longer ones take long to try, since each service is asked every minute
_DAYS = 100.0  # within which whatever comes back by itself has come back at least once
_CLUMPED = 3  # requests that a loaded machine holds up and lets go together: windows are a hundredth of the real ones
_NOWHERE = frozenset({Reason.NO_OA_LOCATION.value, Reason.NO_IDENTIFIER.value})
_UNTYPED = frozenset({Reason.INTERNAL_ERROR.value, Reason.POISON.value})
_REASONS = frozenset(reason.value for reason in Reason)


@dataclass(frozen=True, slots=True)
class Cell:
    """Which fault, and where."""

    fault: str
    place: str

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.fault} at {self.place}"

    @property
    def groups(self) -> tuple[str, ...]:
        """The replica's groups that are struck."""
        return (*SERVICES, *HOSTS) if self.place == EVERYBODY else (self.place,)

    def rules(self) -> list[Fault]:
        """For the replica."""
        here = [replace(FAULTS[self.fault], group=group) for group in self.groups]
        return [*here, *_INSTEAD_OF.get(self.place, ())]


@dataclass(slots=True)
class Ended:
    """What came of one cell."""

    name: str
    lost: int = 0
    doubled: int = 0
    untyped: int = 0
    told: list[str] = field(default_factory=list)  # what must not be
    notes: list[str] = field(default_factory=list)  # what else is to be known
    struck: int = 0  # requests that met the fault
    meanwhile: int = 0  # entries whose end was there before health
    early: list[str] = field(default_factory=list)  # what ended otherwise before the days after
    by_itself: int = 0  # works that had failed, and came back on their day
    by_hand: int = 0  # entries and works that a person put back, of what may have passed
    for_good: int = 0  # likewise, of what a host or service has said for good
    other_copies: int = 0  # works of which another copy was taken
    weaker: int = 0  # works without DOI whose only finder was away when they were described
    reasons: Counter[str] = field(default_factory=Counter)  # of attempts and of what waited
    conditions: set[str] = field(default_factory=set)
    seconds: float = 0.0


class Trial:
    """One run of the batch under rules of the replica."""

    def __init__(self, scene: Scene, folder: Path, name: str, expected: Picture | None, **settings: str) -> None:
        """`expected` is the undisturbed run's picture; None: this is it."""
        self.scene, self.folder, self.expected = scene, folder, expected
        self.clock = LeapingClock()
        self.ended = Ended(name)
        self.settings = scene.settings(folder, **settings)
        self.picture: Picture | None = None
        self.silent: frozenset[str] = frozenset()  # groups that were struck
        self.elapsed_s = 0.0  # until nothing was left to be done
        self._on_health: Callable[[], None] = lambda: None

    def run(
        self,
        rules: Sequence[Fault],
        groups: Sequence[str],
        outage_s: float = HOUR_S,
        *,
        on_health: Callable[[], None] = lambda: None,
    ) -> Ended:
        """The outage, health, the days after it; then the comparison.

        Without an expected picture it ends with the outage, whatever waits, and nothing is compared.
        """
        self._on_health = on_health
        self.silent = frozenset(groups) | {one.group for one in rules if one.group}
        began, replica = time.monotonic(), self.scene.replica
        replica.reset()
        replica.faults.rules = list(rules)
        problems = len(replica.problems)
        is_first = self.expected is None and outage_s > 0.0
        with Shop(self.settings, self.clock, self.scene.checker) as shop:
            course = Course(shop, replica, self.clock, outage_s, self._at_health, self._look)
            course.until_idle(stops_at_health=is_first)
            self.elapsed_s = self.clock.monotonic() - course.started
            if self.expected is not None:
                self._days_after(shop, course)
                self._by_hand(course)
                course.leap_to(self.clock.time() + 2 * OPEN_S)
                self._breakers(shop, groups, max((one.retry_after_s or 0.0 for one in rules), default=0.0))
            shop.network.stop()
        self._log(groups)
        self.inspect()
        self.ended.told += [f"the replica broke: {one[-300:]}" for one in replica.problems[problems:]]
        self.ended.seconds = time.monotonic() - began
        return self.ended

    def _at_health(self) -> None:
        """The moment at which all is well again."""
        self._look()
        self.ended.struck = sum(bool(one.fault) for one in self.scene.replica.log.entries())
        with closing(sqlite3.connect(self.settings.database, timeout=10.0)) as connection:
            for table in ("no_metadata", "with_metadata", "to_download_references"):
                rows = connection.execute(f"SELECT last_reason FROM {table} WHERE last_reason IS NOT NULL")  # noqa: S608
                self.ended.reasons.update(f"waits: {reason}" for (reason,) in rows)
            (self.ended.meanwhile,) = connection.execute(
                "SELECT count(*) FROM entries WHERE work_id IN (SELECT work_id FROM downloaded_references)"
            ).fetchone()
        self.scene.replica.faults.clear()
        self._on_health()

    def _look(self) -> None:
        """What `dl-lit status` would say is wrong now."""
        now = self.clock.time()
        limits = Limits(disk_downloads_mb=0, disk_mb=0, memory_mb=1_000_000)
        found = judge(Facts(now=now, limits=limits, pulse=None, services=services_now(self.settings, now)))
        self.ended.conditions.update(one.ailment.value for one in found)

    def _days_after(self, shop: Shop, course: Course) -> None:
        """Let the days come on which failed works are looked at again, as a daemon does beside its work."""
        rechecks, end = Rechecks(shop), self.clock.time() + _DAYS * DAY_S
        self.picture = picture(self.settings.database, self.settings.library)
        self.ended.early = [one for one in self.compared()[2] if one.startswith("ended otherwise")]
        try:
            while self._differs() and self.clock.time() < end:
                with reading(self.settings.database) as connection:
                    due = next_due(connection)
                week = self.clock.time() + 7.1 * DAY_S
                course.leap_to(week if due is None else min(due + 1.0, week))
                looked = rechecks.once()
                self.ended.by_itself += len(looked.put_back) + len(looked.upgraded) + len(looked.entries)
                course.until_idle()
        finally:
            rechecks.close()

    def _by_hand(self, course: Course) -> None:
        """What did not come back by itself is put back, as `dl-lit retry` does: first what may have passed, then all.

        Only what somebody said for good may be left for the second time.
        """
        for wanted in (Wanted(), Wanted(every_reason=True)):
            if not self._differs():
                return
            engine = connect(self.settings.database)
            try:
                back = put_back(engine, wanted, self.clock).total
            finally:
                engine.dispose()
            self.ended.by_hand += 0 if wanted.every_reason else back
            self.ended.for_good += back if wanted.every_reason else 0
            if back:
                course.until_idle()

    def _differs(self) -> bool:
        self.picture = picture(self.settings.database, self.settings.library)
        return self.expected is not None and bool(self.compared()[2])

    def compared(self) -> tuple[int, int, list[str]]:
        """Lost, doubled, and what must not be; that another copy of a work was taken is not among it."""
        if self.expected is None or self.picture is None:
            return 0, 0, []
        found = _with_copies_of(self.picture, self.expected)
        self.ended.other_copies = sum(a != b for a, b in zip(self.picture.entries, found.entries, strict=True))
        found = self._without_the_only_finder(found)
        how = differences(self.expected, found)
        return how.lost, how.doubled, list(how.told)

    def _without_the_only_finder(self, found: Picture) -> Picture:
        """A work without DOI that another service described while OpenAlex was away: only OpenAlex knows its copy.

        It ends with no open location, which is honest; these are counted, and compared as if they had the file.
        """
        expected = {entry[:3]: entry for entry in (self.expected.entries if self.expected else ())}
        entries, files, rows = [], dict(found.files), dict(found.rows)
        self.ended.weaker = 0
        for entry in found.entries:
            wanted = expected.get(entry[:3], entry)
            is_weaker = wanted[5] and not entry[5] and entry[6] in _NOWHERE and not str(wanted[3]).startswith("10.")
            if is_weaker and "openalex" in self.silent:
                self.ended.weaker += 1
                name = next(name for name, sha in self.expected.files.items() if sha == wanted[5])  # type: ignore[union-attr]
                files[name] = rows[name] = wanted[5]
            entries.append(wanted if is_weaker and "openalex" in self.silent else entry)
        return replace(found, entries=entries, files=files, rows=rows)

    def _breakers(self, shop: Shop, groups: Sequence[str], longest_rest_s: float) -> None:
        now = self.clock.time()
        rests = {one.service for one in services_now(self.settings, now) if one.parked_until}  # as they asked for
        longest_s = max(OPEN_S, longest_rest_s)
        for service in groups:
            if service in BY_NAME and service not in rests and shop.network.calls.wait_s(service) > longest_s:
                self.ended.told.append(f"{service} is not asked after health")

    def _log(self, groups: Sequence[str]) -> None:
        """Limits were kept, and who failed was left alone."""
        entries = self.scene.replica.log.entries()
        over = Counter(f"{one.group}: {one.refused}" for one in entries if one.refused)
        for what, number in over.items():
            told = self.ended.notes if number <= _CLUMPED else self.ended.told
            told.append(f"{number} requests more than {what} allows")
        for group in groups:
            asked = sum(one.group == group and bool(one.fault) for one in entries)
            if group in BY_NAME:
                most = 3 * (FAILURES_TO_OPEN + BY_NAME[group].polite.concurrency + 1.5 * HOUR_S / OPEN_S)
                if asked > most:
                    self.ended.told.append(f"{group} was asked {asked} times while it failed, at most {most:.0f}")

    def inspect(self) -> None:
        """What the run left, against what the undisturbed one left."""
        self.picture = picture(self.settings.database, self.settings.library)
        ended = self.ended
        ended.lost, ended.doubled, told = self.compared()
        ended.told += told
        ended.told += [f"doctor: {name}" for name in broken_promises(self.settings.database)]
        with closing(sqlite3.connect(self.settings.database)) as connection:
            reasons = Counter(reason for (reason,) in connection.execute("SELECT reason FROM attempts"))
            waiting = sum(
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - names of ours
                for table in ("no_metadata", "with_metadata", "to_download_references")
            )
            detail = connection.execute(
                "SELECT stage, item_id, detail FROM attempts WHERE reason IN ('internal-error', 'poison')"
            ).fetchall()
        ended.reasons.update(reasons)
        bad = {reason for reason in reasons if reason in _UNTYPED or reason not in _REASONS}
        ended.untyped = sum(reasons[reason] for reason in bad)
        ended.told += [f"untyped: {stage} {item}: {str(text)[-300:]}" for stage, item, text in detail[:3]]
        if waiting and self.expected is not None:
            ended.told.append(f"{waiting} still wait")

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _with_copies_of(found: Picture, expected: Picture) -> Picture:
    """`found`, where works have another copy with the expected one's checksum instead."""
    checksums = {entry[:3]: entry[5] for entry in expected.entries}
    rows = {sha: name for name, sha in found.rows.items()}
    entries, files, lines = [], dict(found.files), dict(found.rows)
    for entry in found.entries:
        wanted, has = checksums.get(entry[:3]), entry[5]
        is_other = has is not None and wanted is not None and has != wanted
        if is_other and has in rows:
            files[rows[has]] = lines[rows[has]] = wanted
        entries.append((*entry[:5], wanted, *entry[6:]) if is_other else entry)
    return replace(found, entries=entries, files=files, rows=lines)


def undisturbed(scene: Scene, folder: Path) -> Picture:
    """What the batch comes to when nothing fails."""
    trial = Trial(scene, folder, "undisturbed", None)
    trial.run((), (), outage_s=0.0)
    if trial.picture is None or trial.ended.told:
        raise RuntimeError(f"the undisturbed run is none: {trial.ended.told}")
    trial.close()
    return trial.picture


def tried(scene: Scene, folder: Path, cell: Cell, expected: Picture) -> Ended:
    """Run one cell in a folder of its own."""
    trial = Trial(scene, folder, cell.name, expected)
    try:
        ended = trial.run(cell.rules(), cell.groups, EVERYBODYS_S if cell.place == EVERYBODY else HOUR_S)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the proof looks for
        ended = trial.ended
        ended.untyped += 1
        ended.told.append(f"raised {error!r}"[:400])
    trial.close()
    return ended
