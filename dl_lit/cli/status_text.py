"""`dl-lit status` for people: plain lines and tables that fit the terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from dl_lit.app.snowballing.words import level_text
from dl_lit.app.wording import ago, count, how_long
from dl_lit.cli.printing import heading, line, minute, moment_of, print_table, shown, size
from dl_lit.cli.status_services import tell_model, tell_services

if TYPE_CHECKING:
    from db.local_index.upkeep import IndexSummary
    from dl_lit.app.now.forecast import Eta
    from dl_lit.app.now.snapshot import Snapshot
    from dl_lit.core.pulse import DaemonPulse

_LATE_S = 15.0  # who lives tells of itself every few seconds
_COLOURS = {"broken": "red", "degraded": "yellow", "notice": "cyan"}


def tell(now: Snapshot) -> None:
    """Print all of it."""
    _head(now)
    _conditions(now)
    line()
    _stages(now)
    _failures(now)
    _snowball(now)
    if now.hints:
        line()
    for hint in now.hints:
        prose(hint)
    if now.local_index is not None:
        line()
        prose(_said_of(now.local_index))
    line()
    tell_services(now.services, now.pulse)
    tell_model(now.model, now.pulse.language if now.pulse is not None else None, now.at)
    if now.services_trouble is not None:
        prose(now.services_trouble)


def prose(text: str) -> None:
    """Print `text`, on a terminal with its words whole; elsewhere on one line, for who looks for it by lines."""
    for part in _prose(text):
        line(part)


def _prose(text: str) -> list[str]:
    if not sys.stdout.isatty():
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(
        text,
        max(40, shutil.get_terminal_size().columns),
        initial_indent="",
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _head(now: Snapshot) -> None:
    state, pulse = now.database, now.pulse
    heading(f"{state.database} ({size(state.size_bytes)})")
    prose(f"at work: {shown(state.worked_on_by or 'nothing')}")
    if pulse is not None:
        listens = f", control surface at {pulse.control}" if pulse.control else ""
        prose(
            f"up {how_long(now.at - pulse.began_at)}, {pulse.memory_mb:,.0f} MB of memory, "
            f"{_disk(pulse.disk_free_mb)} of disk free{listens}"
        )
        if elsewhere := [one.stage.value for one in now.stages if one.hands is None]:
            works = ", ".join(stage.value for stage in pulse.stages)
            prose(f"works {works}; {', '.join(elsewhere)} left to other processes")
        for one in pulse.daemons if len(pulse.daemons) > 1 else ():
            prose(_daemon(one))
        for folder in pulse.folders:
            unfinished = f", {count(folder.unfinished, 'file')} still being written" if folder.unfinished else ""
            prose(f"watched ({folder.how}): {shown(folder.path)}: {count(folder.taken, 'file')} taken{unfinished}")
    prose(
        f"{state.sources:,} sources, {state.entries:,} entries, {state.works:,} works, "
        f"{size(state.downloaded_bytes)} of PDFs"
    )
    if state.coverage is not None:
        gaps = (
            f", {state.incomplete:,} with gaps (their reports and dl-lit explain say what is missing)"
            if state.incomplete
            else ""
        )
        prose(f"bibliographies read: {state.coverage:.1%} of what they promise{gaps}")


def _daemon(one: DaemonPulse) -> str:
    told = "has told nothing yet" if one.told_s is None else f"{count(one.running, 'item')} in hand"
    late = f", heard of {how_long(one.told_s)} ago" if one.told_s is not None and one.told_s > _LATE_S else ""
    works = f" works {', '.join(one.stages)}" if one.stages else ""
    return f"process {one.pid} on {shown(one.host)}, up {how_long(one.up_s)},{works}: {told}{late}"


def _disk(free_mb: float) -> str:
    return "plenty" if free_mb >= 1e9 else size(free_mb * 1024 * 1024)


def _conditions(now: Snapshot) -> None:
    if not now.conditions:
        return
    line()
    for one in now.conditions:
        label = f"{one.severity.value}:"
        first, *rest = _prose(f"{label} {shown(one.says)} ({one.ailment.value}, {ago(now.at - one.since)})")
        line(click.style(label, fg=_COLOURS[one.severity.value], bold=True) + first.removeprefix(label))
        for text in rest:
            line(text)
        if one.remedy:
            prose(f"  {shown(one.remedy)}")


def _stages(now: Snapshot) -> None:
    print_table(
        (
            *("stage", "waiting", "running", "hands", "later", "done", "review", "failed"),
            *("a minute", "in the last hour", "done in", "next due (UTC)"),
        ),
        (
            (
                one.stage.value,
                one.room.waiting,
                0 if one.hands is None else one.hands.running,
                "-" if one.hands is None else f"{one.hands.busy} of {one.hands.workers}",
                one.room.later,
                one.room.done,
                one.room.needs_review,
                one.failed,
                one.per_minute,
                one.per_minute_hour,
                eta_text(one.eta),
                minute(one.room.next_due),
            )
            for one in now.stages
        ),
        least=("in the last hour", "next due (UTC)", "hands", "later", "a minute", "review", "done in", "running"),
    )
    for text in _resting(now):
        prose(text)
    if now.bottleneck is not None:
        prose(f"everything waits for {shown(now.bottleneck.says)}")
    if now.pulse is not None and any(one.room.waiting for one in now.stages):
        prose(f"all done in: {eta_text(now.eta)}{f' ({now.eta.says})' if now.eta.says else ''}")


def _resting(now: Snapshot) -> Iterator[str]:
    for one in now.stages:
        if one.paused is not None:
            yield f"{one.stage.value}: paused {shown(one.paused)}"
        elif one.hands is not None and one.hands.resting:
            yield f"{one.stage.value} rests: {one.hands.resting}"


def eta_text(eta: Eta) -> str:
    """How long it takes yet; "?" where nobody knows, "-" where nothing is left."""
    if eta.seconds is None:
        return "?"
    return how_long(eta.seconds) if eta.seconds else "-"


def _failures(now: Snapshot) -> None:
    if any(one.room.failed for one in now.stages):
        line()
    for one in now.stages:
        if one.room.failed:
            reasons = ", ".join(f"{number:,} {reason}" for reason, number in one.room.failed.items())
            prose(f"failed in {one.stage.value}: {reasons}")
    again = now.database.rechecks
    if again.due or again.planned:
        first = f", the next on {minute(again.next_due)} UTC" if again.next_due is not None else ""
        line()
        prose(
            f"to be looked at again: {again.due:,} now, {again.planned:,} later{first}; "
            f"{again.looked_today:,} in the last 24 hours (dl-lit recheck)"
        )
    if again.upgradable:
        prose(f"in the library in a lesser version, or not proven: {again.upgradable:,}; better ones are looked for")
    if now.failures:
        line()
        line("latest failures:")
    for failed in now.failures:
        last = failed.failure
        told = f"  {shown(last.detail, width=100)}" if last.detail else ""
        prose(f"  {moment_of(last.at)[:16]}  {failed.id}  {last.stage.value}: {last.reason}{told}")
    for reason, advice in {one.failure.reason: one.advice for one in now.failures if one.advice}.items():
        prose(f"  {reason}: {advice}")


def _snowball(now: Snapshot) -> None:
    if now.levels:
        line()
        looked = moment_of(now.levels[0]["looked_at"])[:16]
        run = now.levels[0]["run"]
        line(f"snowballing{f' of run {run}' if run else ''}, as of {looked} UTC:")
        for level in now.levels:
            prose(f"  {level_text(level)}")
    if now.pinned:
        line()
        prose(f"pinned: {' '.join(now.pinned)} (dl-lit pin lists all)")


def _said_of(imported: IndexSummary) -> str:
    if imported.newest_import is None:
        return "imported metadata: none yet"
    last = moment_of(imported.newest_import)
    return f"imported metadata: {imported.records:,} records, {size(imported.size_bytes)}, last import {last}"
