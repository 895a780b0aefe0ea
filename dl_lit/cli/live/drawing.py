"""The snapshot as it stands on a terminal of any size, drawn with rich."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.layout import Layout
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dl_lit.app.advice import told_of
from dl_lit.app.language.words import lines_of_model
from dl_lit.app.wording import ago, count, how_long
from dl_lit.cli.live.services import services_table
from dl_lit.cli.printing import shown, size
from dl_lit.cli.status_text import eta_text
from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from dl_lit.app.now.snapshot import Snapshot, StageNow
    from dl_lit.cli.live.history import History
    from dl_lit.core.conditions import Condition

COLOURS = {"broken": "bold red", "degraded": "yellow", "notice": "cyan", "well": "green"}
_MARKS = {"broken": "✖", "degraded": "▲", "notice": "●", "well": "●"}
_ASCII_MARKS = {"broken": "X", "degraded": "!", "notice": "-", "well": "*"}
_WIDE = 126
"""Columns from which on two panels stand side by side."""

PAGES = ("services", "failures", "process")


@dataclass(frozen=True, slots=True)
class Room:
    """The terminal's size, and whether it shows more than ASCII."""

    columns: int
    rows: int
    plain: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether two panels fit side by side."""
        return self.columns >= _WIDE


def drawn(now: Snapshot, room: Room, *, page: str, history: History, keys: str, trouble: str = "") -> RenderableType:
    """All of it, of exactly the size of `room`. `keys` is said at the foot; `trouble` is why it is not the latest."""
    said = list(_conditions(now.conditions, now.at, room))
    most = max(2, room.rows // 3)
    shown_of = said if len(said) <= most else [*said[: most - 1], Text(f"  … and {len(said) - most + 1} lines more")]
    parts = [
        Layout(_head(now, room, trouble), size=2),
        *([Layout(Group(*shown_of), size=len(shown_of))] if shown_of else []),
        Layout(_stages(now, room, history), size=len(now.stages) + 3),
        Layout(_body(now, room, page), ratio=1),
        Layout(_foot(keys, page, room), size=1),
    ]
    whole = Layout()
    whole.split_column(*parts)
    return whole


# --- head and foot


def _head(now: Snapshot, room: Room, trouble: str) -> RenderableType:
    marks = _ASCII_MARKS if room.plain else _MARKS
    pulse = now.pulse
    right = Text(trouble, style="red") if trouble else Text(f"{datetime.fromtimestamp(now.at, UTC):%H:%M:%S} UTC")
    left = Text.assemble(
        (" dl_lit ", "bold reverse"), " ", (f"{marks[now.health]} {now.health}", COLOURS[now.health]), "  "
    )
    if pulse is None:
        left.append("nothing is at work", style="yellow")
    else:
        stopping = ", stopping" if pulse.is_stopping else ""
        left.append(shown(pulse.command))
        more = f"  up {how_long(now.at - pulse.began_at)}, {pulse.memory_mb:,.0f} MB{stopping}"
        if cell_len(left.plain) + cell_len(more) + cell_len(right.plain) + 2 <= room.columns:
            left.append(more, style="dim")
    return Group(_ends(left, right, room), _totals(now, room))


def _totals(now: Snapshot, room: Room) -> Text:
    state, last = now.database, now.stages[-1]
    pdfs = f"{count(last.room.done, 'PDF')} ({size(state.downloaded_bytes)})"
    ends = Text()
    if any(one.room.waiting for one in now.stages) and now.pulse is not None:
        ends.append("   all done in ", style="dim").append(eta_text(now.eta), style="bold")
        ends.append(f" ({now.eta.says})" if now.eta.says else "", style="dim")
    whole = (
        f" {count(state.sources, 'source')}, {count(state.entries, 'reference')}, {count(state.works, 'work')}, {pdfs}"
    )
    brief = f" {count(state.sources, 'source')}, {pdfs}"
    said = Text(whole if cell_len(whole) + cell_len(ends.plain) <= room.columns else brief)
    return _cut(said.append_text(ends), room)


def _ends(left: Text, right: Text, room: Room) -> Text:
    left.truncate(max(8, room.columns - cell_len(right.plain) - 2), overflow="ellipsis")
    gap = max(1, room.columns - cell_len(left.plain) - cell_len(right.plain) - 1)
    return Text.assemble(left, " " * gap, right)


def _cut(text: Text, room: Room) -> Text:
    text.truncate(room.columns, overflow="ellipsis")
    return text


def _foot(keys: str, page: str, room: Room) -> RenderableType:
    tabs = Text(" ")
    if keys:
        for number, one in enumerate(PAGES, start=1):
            tabs.append(f" {number} {one} ", style="reverse" if one == page and not room.is_wide else "dim")
            tabs.append(" ")
    return _ends(tabs, Text(keys or "Ctrl-C stops", style="dim"), room)


def _conditions(conditions: Sequence[Condition], at: float, room: Room) -> Iterator[Text]:
    marks = _ASCII_MARKS if room.plain else _MARKS
    for one in conditions:
        grave = one.severity.value
        said = Text.assemble(
            (f" {marks[grave]} ", COLOURS[grave]),
            (shown(one.says), COLOURS[grave]),
            (f"  {ago(at - one.since)}", "dim"),
        )
        yield _cut(said, room)
        if one.remedy and room.rows >= 30:
            yield _cut(Text(f"   {shown(one.remedy)}", style="dim"), room)


# --- the stages


def _stages(now: Snapshot, room: Room, history: History) -> RenderableType:
    wide, narrow = room.columns >= 110, room.columns < 72
    with_bar = room.columns >= 96
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim", pad_edge=True)
    table.add_column("stage", no_wrap=True)
    if with_bar:
        table.add_column("", ratio=1)
    more = () if narrow else ("a minute", "done in")
    hands = ("hands",) if with_bar else ()
    for name in ("waiting", "running", *hands, "done", *(() if narrow else ("review",)), "failed", *more):
        table.add_column(name, justify="right", no_wrap=True)
    if wide:
        table.add_column("last two minutes", no_wrap=True, min_width=24)
    for one in now.stages:
        is_slowest = now.bottleneck is not None and now.bottleneck.stage is one.stage
        cells: list[RenderableType] = [Text(one.stage.value, style="bold magenta" if is_slowest else "bold")]
        if with_bar:
            cells.append(_Bar(one, plain=room.plain))
        cells += _numbers(one, narrow=narrow, with_hands=with_bar)
        if wide:
            cells.append(Text(history.sparkline(one.stage, 24, plain=room.plain), style="cyan"))
        table.add_row(*cells)
    said = Text(" ")
    if now.bottleneck is not None:
        said.append("bottleneck ", style="dim").append(shown(now.bottleneck.says), style="magenta").append("   ")
    others = (one for one in now.stages if now.bottleneck is None or now.bottleneck.stage is not one.stage)
    said.append("; ".join(text for text in map(_rest, others) if text), style="yellow")
    return Group(Rule(style="dim"), table, _cut(said, room))


def _numbers(one: StageNow, *, narrow: bool, with_hands: bool) -> Iterator[Text]:
    room, hands = one.room, one.hands
    yield Text(f"{room.waiting:,}", style="" if room.waiting else "dim")
    running = 0 if hands is None else hands.running
    yield Text(f"{running:,}", style="bold cyan" if running else "dim")
    if with_hands:
        yield Text("-" if hands is None else f"{hands.busy}/{hands.workers}", style="cyan" if running else "dim")
    yield Text(f"{room.done:,}", style="green" if room.done else "dim")
    if not narrow:
        yield Text(f"{room.needs_review:,}", style="yellow" if room.needs_review else "dim")
    yield Text(f"{one.failed:,}", style="red" if one.failed else "dim")
    if narrow:
        return
    yield Text(f"{one.per_minute:,.0f}" if one.per_minute >= 10 else f"{one.per_minute:.1f}")
    yield Text(eta_text(one.eta), style="" if one.eta.seconds else "dim")


def _rest(one: StageNow) -> str:
    if one.paused is not None:
        return f"{one.stage.value} is paused {one.paused}"
    if one.hands is not None and one.hands.resting:
        return f"{one.stage.value} rests: {one.hands.resting}"
    return ""


@dataclass(frozen=True, slots=True)
class _Bar:
    """What has become of all that ever came to the stage, as wide as there is room."""

    one: StageNow
    plain: bool

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        room, width = self.one.room, options.max_width
        parts = (
            (room.done, "green", "=", "━"),
            (room.needs_review, "yellow", "?", "━"),
            (self.one.failed, "red", "x", "━"),
            (room.waiting, "bright_black", ".", "─"),
        )
        in_all = sum(number for number, *_ in parts)
        text, so_far, used = Text(), 0, 0
        for number, style, ascii_letter, letter in parts:
            so_far += number
            until = round(so_far / in_all * width) if in_all else 0
            text.append((ascii_letter if self.plain else letter) * (until - used), style=style)
            used = until
        text.append(("." if self.plain else "─") * (width - used), style="bright_black")
        yield text


# --- the panels


def _body(now: Snapshot, room: Room, page: str) -> RenderableType:
    if room.is_wide:
        both = Layout()
        both.split_row(
            Layout(_titled("services", services_table(now, room.plain)), ratio=11),
            Layout(Group(_titled("why things failed", _reasons(now)), _titled("latest", _latest(now))), ratio=9),
        )
        return both if page != "process" else _titled("process", _process(now))
    if page == "failures":
        return Group(_titled("why things failed", _reasons(now)), _titled("latest", _latest(now)))
    if page == "process":
        return _titled("process", _process(now))
    return _titled("services", services_table(now, room.plain, brief=room.columns < 76))


def _titled(title: str, inside: RenderableType) -> RenderableType:
    return Group(Rule(Text(title, style="bold"), align="left", style="dim"), inside)


def _reasons(now: Snapshot) -> RenderableType:
    counts: Counter[str] = Counter()
    for one in now.stages:
        counts.update(one.room.failed)
    if not counts:
        return Text("  nothing", style="dim")
    table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
    table.add_column(justify="right", no_wrap=True, style="red")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, style="dim", overflow="ellipsis")
    for reason, number in counts.most_common(8):
        told = told_of(reason)
        table.add_row(f"{number:,}", reason, told.advice or told.what)
    return table


def _latest(now: Snapshot) -> RenderableType:
    if not now.failures:
        return Text("  nothing", style="dim")
    table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, style="dim", overflow="ellipsis")
    for one in now.failures:
        last = one.failure
        table.add_row(last.at[11:19], one.id, last.reason, shown(last.detail, width=160) if last.detail else one.what)
    return table


def _process(now: Snapshot) -> RenderableType:
    if now.pulse is None:
        return Padding(Text("nothing is at work", style="yellow"), (0, 2))
    pulse = now.pulse
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    free = "plenty" if pulse.disk_free_mb >= 1e9 else size(pulse.disk_free_mb * 1024 * 1024)
    table.add_row("process", f"{pulse.pid}, {shown(pulse.command)}")
    table.add_row("memory, disk", f"{pulse.memory_mb:,.0f} MB with its children; {free} free")
    table.add_row("control", pulse.control or "closed")
    for stage, one in pulse.stages.items():
        bounds = f" of {one.workers_least} to {one.workers_most}" if one.workers_least != one.workers_most else ""
        says = f"{one.workers}{bounds} hands, {one.queued} queued, {one.seated} seated, {how_long(one.busy_s)} of work"
        longest = f", the oldest in hand for {how_long(one.longest_s)}" if one.longest_s >= 1 else ""
        table.add_row(stage.value, f"{says}{longest}{f'; {one.scaled}' if one.scaled else ''}")
    for label, said in lines_of_model(now.model, pulse.language, now.at):
        table.add_row("language model" if label == "asked for" else f"  {label}", shown(said))
    for folder in pulse.folders:
        table.add_row(f"watched ({folder.how})", f"{shown(folder.path)}: {count(folder.taken, 'file')} taken")
    return table
