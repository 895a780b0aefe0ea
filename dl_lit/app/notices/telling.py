"""Telling others: a command of theirs, or an address, hears when a batch ends, something goes wrong, or is well again.

Nothing here ever keeps the pipeline waiting; what cannot be told is one line in the log and a condition.
"""

from __future__ import annotations

import os
import platform
import shlex
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import msgspec
import structlog

from dl_lit import __version__
from dl_lit.app.batches import Batches
from dl_lit.app.notices.words_of_events import of_batch, of_recovery, of_trouble
from dl_lit.app.now.lasting import Changes, Complaints
from dl_lit.app.wording import iso_time
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import Clock
from dl_lit.core.conditions import Ailment, Condition, Severity
from dl_lit.core.controls import controls_shown
from dl_lit.core.database_address import shown
from dl_lit.core.events import Event, Occasion
from dl_lit.core.memory import NetworkLedger
from dl_lit.core.pulse import Pulse
from dl_lit.core.values import dataclass
from dl_lit.net.connections import user_agent
from dl_lit.net.posting import Poster
from dl_lit.net.webhook import PURPOSE, Webhook
from dl_lit.runtime.hook import run_hook
from dl_lit.runtime.outbox import Outbox
from dl_lit.settings import Settings

SCHEMA = "dl-lit/event/1"

LASTS_S = 10.0
"""Nobody is told of what passes within this."""

_PASSED_ON = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"),
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"),
    }
)
"""What a hook gets of our environment: keys and addresses of services are none of its business."""

log = structlog.get_logger("dl_lit.notify")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling one of them."""

    who: str  # the setting: "notify.command", "notify.url"
    trouble: str = ""  # why it could not be told; "" where it was
    is_offline: bool = False  # it was not told, since nothing may leave this machine: nobody is to blame


Way = Callable[[Event, bytes], Told]


@contextmanager
def ways_of(settings: Settings, clock: Clock, ledger: NetworkLedger) -> Iterator[tuple[Way, ...]]:
    """The ways that the settings name, usable while entered."""
    notify = settings.notify
    with ExitStack() as opened:
        ways: list[Way] = []
        if notify.command:
            ways.append(_by_command(shlex.split(notify.command), notify.timeout_s))
        if notify.url:
            poster = Poster(
                notify.url,
                user_agent=user_agent(__version__, project_page=settings.project_url),
                clock=clock,
                purpose=PURPOSE,
                timeout_s=notify.timeout_s,
                ledger=ledger,
                offline=settings.offline,
                keeps_connection=False,
            )
            opened.callback(poster.close)
            hook = Webhook(poster, notify.url, clock=clock, secret=notify.secret)
            opened.callback(hook.stop)
            ways.append(_by_webhook(hook))
        yield tuple(ways)


def _by_command(command: Sequence[str], timeout_s: float) -> Way:
    def tell(event: Event, body: bytes) -> Told:
        env = {name: value for name, value in os.environ.items() if name in _PASSED_ON}
        ended = run_hook(command, body, {**env, **_variables(event)}, timeout_s=timeout_s)
        if ended.is_well and ended.output.strip():
            log.info("notify_said", command=command[0], output=ended.output.strip()[:400])
        return Told("notify.command", ended.says)

    return tell


def _variables(event: Event) -> dict[str, str]:
    """What a script need not read JSON for."""
    found = {"DL_LIT_EVENT": event.occasion.value, "DL_LIT_EVENT_ID": event.id, "DL_LIT_SAYS": event.says}
    if event.condition is not None:
        about = event.condition
        found |= {"DL_LIT_CONDITION": about.ailment.value, "DL_LIT_SUBJECT": about.subject}
        found |= {"DL_LIT_SEVERITY": about.severity.value, "DL_LIT_REMEDY": about.remedy}
    return {name: value.replace("\0", "") for name, value in found.items()}


def _by_webhook(hook: Webhook) -> Way:
    def tell(event: Event, body: bytes) -> Told:
        delivered = hook.post(event.id, body)
        if delivered.is_offline:
            log.info("notify_offline", says="offline = true: notify.url is not told")
            return Told("notify.url", is_offline=True)
        return Told("notify.url", delivered.says)

    return tell


def _fit_to_tell(event: Event) -> Event:
    """The event with every text on one line, to be written anywhere: it may name files, whose names hold anything."""
    about = event.condition
    if about is not None:
        subject, says, remedy = map(controls_shown, (about.subject, about.says, about.remedy))
        about = replace(about, subject=subject, says=says, remedy=remedy)
    return replace(event, says=controls_shown(event.says), condition=about)


def document(event: Event, database: str) -> dict[str, Any]:
    """The event as JSON, schema dl-lit/event/1. `text` is what chat programs show of a message."""
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "id": event.id,
        "event": event.occasion.value,
        "at": iso_time(event.at),
        "host": platform.node(),
        "database": database,
        "says": event.says,
        "text": f"dl_lit on {platform.node()}: {event.says}",
    }
    if event.condition is not None:
        found["condition"] = {
            **msgspec.to_builtins(event.condition),
            "severity": event.condition.severity.value,
        }
    if event.batch is not None:
        batch = event.batch
        found["batch"] = {
            **msgspec.to_builtins(batch, str_keys=True),
            **{
                name: getattr(batch, name)
                for name in ("sources", "recognised", "unrecognised", "downloaded", "missing")
            },
        }
    return found


class Teller:
    """Hears the heart, decides what others are told, and hands it to those who tell them."""

    def __init__(
        self, settings: Settings, batches: Batches, put: Callable[[Event], None], before: Sequence[Condition] = ()
    ) -> None:
        """`before` are the conditions of the process before, which has told them."""
        notify = settings.notify
        self._on, self._least_s = frozenset(notify.on), notify.least_s
        self._batches, self._put = batches, put
        self._told = {one.key for one in before if one.severity is not Severity.NOTICE}
        self._when: dict[tuple[str, Ailment, str], float] = {}  # when something was told last

    def hear(self, pulse: Pulse, changes: Changes) -> None:
        """A beat of the heart."""
        for one in changes.ended:
            if one.key in self._told:
                self._told.discard(one.key)
                self._tell(Occasion.RECOVERY, pulse.at, of_recovery(one, pulse.at), condition=one)
        for one in pulse.conditions:
            lasts = pulse.at - one.since >= LASTS_S and one.severity is not Severity.NOTICE
            if lasts and one.key not in self._told and self._may_tell(one, pulse.at):
                self._told.add(one.key)
                self._tell(Occasion.TROUBLE, pulse.at, of_trouble(one), condition=one)
        if (batch := self._batches.look(pulse)) is not None:
            self._tell(Occasion.BATCH, pulse.at, of_batch(batch), batch=batch)

    def end(self, pulse: Pulse) -> None:
        """The process ends: for a one-off run that is the end of its batch, too."""
        if not pulse.command.startswith("watch-folder-concurrent") and (batch := self._batches.end(pulse)) is not None:
            self._tell(Occasion.BATCH, pulse.at, of_batch(batch), batch=batch)

    def _may_tell(self, one: Condition, now: float) -> bool:
        """Whether the last word about the same thing is long enough ago; it is told later, if it still lasts then."""
        key = (Occasion.TROUBLE.value, *one.key)
        if now - self._when.get(key, float("-inf")) < self._least_s:
            return False
        self._when[key] = now
        return True

    def _tell(self, occasion: Occasion, at: float, says: str, **about: Any) -> None:
        if occasion.value in self._on:
            self._put(Event(id=f"evt_{uuid.uuid4().hex}", occasion=occasion, at=at, says=says, **about))


class Messenger:
    """Tells one event in each way; remembers what failed."""

    def __init__(self, ways: Sequence[Way], complaints: Complaints, database: str) -> None:
        """`complaints` hear of what cannot be told."""
        self._ways, self._complaints, self._database = ways, complaints, database
        self._failing: set[str] = set()

    def tell(self, event: Event) -> list[Told]:
        """Tell it; takes as long as it takes."""
        event = _fit_to_tell(event)
        body = msgspec.json.encode(document(event, controls_shown(self._database)))
        told = [way(event, body) for way in self._ways]
        for one in told:
            self._note(one, event)
        return told

    def _note(self, one: Told, event: Event) -> None:
        if one.is_offline:
            return
        if not one.trouble:
            self._failing.discard(one.who)
            self._complaints.settle(Ailment.NOTIFYING_FAILED, one.who)
            log.info("notified", way=one.who, notification=event.occasion.value, says=event.says)
            return
        if one.who not in self._failing:  # of a storm the first is told
            self._failing.add(one.who)
            log.warning("notify_failed", way=one.who, notification=event.occasion.value, trouble=one.trouble[:400])
        self._complaints.make(
            Ailment.NOTIFYING_FAILED,
            one.who,
            says=f"{one.who} cannot be told what happens: {one.trouble[:200]}",
            remedy="correct the setting; dl-lit notify --test tries it",
        )


@contextmanager
def telling(shop: Workshop, batches: Batches, before: Sequence[Condition] = ()) -> Iterator[Teller]:
    """A teller whose events are told while entered; at the end those that are left get some seconds."""
    settings = shop.settings
    with ExitStack() as opened:
        ways = opened.enter_context(ways_of(settings, shop.clock, shop.network.ledger))
        messenger = Messenger(ways, shop.complaints, shown(settings.database))

        def send(event: Event) -> None:
            messenger.tell(event)

        outbox = opened.enter_context(Outbox[Event]("notify", send))
        yield Teller(settings, batches, outbox.put, before)


def is_wanted(settings: Settings) -> bool:
    """Whether anybody is to be told anything."""
    return bool(settings.notify.command or settings.notify.url)


def test_event(clock: Clock) -> Event:
    """What somebody sends to see whether it arrives."""
    says = "this is a test: whoever reads it will be told when a batch ends and when something goes wrong"
    return Event(id=f"evt_{uuid.uuid4().hex}", occasion=Occasion.TEST, at=clock.time(), says=says)
