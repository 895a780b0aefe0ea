"""What goes into logs, to others and to metrics, read back: lines, messages, notifications, labels."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog
from proofs.text.attacks import Attack, acting
from proofs.text.files import Complaint
from proofs.text.readers import journal_fields, on_terminal, samples

from db.ledger.store import DiskLedger
from dl_lit import logs
from dl_lit.app.notices.telling import Messenger, ways_of
from dl_lit.app.now.lasting import Complaints
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.events import Event, Occasion
from dl_lit.settings import load
from dl_lit.web.metrics import Metric, Sample, rendered

Found = tuple[str, str, str, str]  # output, attack, "lost" or "doubled", what was seen

_JOURNAL_MOST = 4_000  # characters of a text that a message holds whole


def _events(attack: Attack) -> list[tuple[str, str, dict[str, Any]]]:
    """An item's line and another one, with the text in each field."""
    text = attack.text
    item = {"stage": "download", "outcome": "reject", "reason": "http-4xx", "work": 1, "title": text, "detail": text}
    return [
        ("info", "item", {**item, "path": text, "file": text, "host": text, "seconds": 0.1, "source": 1}),
        ("warning", "machine_state_not_shared", {"says": text, "path": text, "several": [text, {text: text}]}),
    ]


def log_of(attacks: Sequence[Attack], file: Path, form: str) -> None:
    """Log every attack to `file`: in a group, one by one, and as what an error says."""
    with _logging(form=form, file=file, file_mb=1_000):
        for attack in attacks:
            logs.many("dl_lit.item", _events(attack))
            for severity, event, fields in _events(attack):
                getattr(structlog.get_logger("dl_lit.prove"), severity)(event, **fields)
            structlog.get_logger("dl_lit.prove").error("surprise", exc_info=ValueError(attack.text))
            logging.getLogger("library").warning("%s", attack.text)


@contextmanager
def _logging(**options: Any) -> Iterator[None]:
    """Log so while entered, and to nowhere else; after that as before."""
    root = logging.getLogger()
    level, others = root.level, root.handlers[:]
    for handler in others:
        root.removeHandler(handler)
    logs.configure(**options)
    try:
        yield
    finally:
        logs.close()
        root.setLevel(level)
        for handler in others:
            root.addHandler(handler)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()


LINES_AN_ATTACK = 6


def log_files(attacks: Sequence[Attack], folder: Path) -> Iterator[Found]:
    """The log as JSON and as lines for people."""
    for attack in attacks:
        file = folder / "log.json"
        file.unlink(missing_ok=True)
        log_of([attack], file, "json")
        yield from (("log, JSON", attack.name, kind, seen) for kind, seen in _json_log(file, attack))
        file = folder / "log.txt"
        file.unlink(missing_ok=True)
        log_of([attack], file, "console")
        yield from (("log, console", attack.name, kind, seen) for kind, seen in _console_log(file, attack))


def _json_log(file: Path, attack: Attack) -> Iterator[Complaint]:
    text = file.read_text(encoding="utf-8")
    if found := acting(text):
        yield "doubled", f"acting characters {', '.join(found)}"
    lines = text.splitlines()
    if len(lines) != LINES_AN_ATTACK:
        yield "doubled", f"{len(lines)} lines"
        return
    for line in lines[:4:2]:
        if json.loads(line)["title"] != attack.text:
            yield "lost", f"title reads {json.loads(line)['title'][:80]!r}"


def _console_log(file: Path, attack: Attack) -> Iterator[Complaint]:
    data = file.read_bytes()
    if trouble := on_terminal(data):
        yield "doubled", trouble
    lines = data.decode().split("\n")
    begun = [line for line in lines if line and not line.startswith(" ")]
    if len(begun) != LINES_AN_ATTACK:
        yield "doubled", f"{len(begun)} lines that begin at the margin: {begun[-1][:80]!r}"
    if attack.name == "html" and attack.text not in data.decode():
        yield "lost", "the line does not show the text"


def for_journal(attacks: Sequence[Attack]) -> list[Attack]:
    """Those that go as a datagram; of longer ones the journal gets a part, as a sealed file."""
    return [attack for attack in attacks if len(attack.text) <= _JOURNAL_MOST]


def journal(attacks: Sequence[Attack], folder: Path) -> Iterator[Found]:
    """Messages to the journal, received by a socket in its place."""
    path = folder / "journal"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as there:
        there.bind(str(path))
        there.settimeout(5)
        with _logging(form="journal", journal=path):
            for attack in for_journal(attacks):
                logs.many("dl_lit.item", _events(attack))
                received = [journal_fields(there.recv(1 << 20)) for _ in range(2)]
                fields = [[(name, value.decode("utf-8")) for name, value in one] for one in received]
                yield from (("log, journal", attack.name, *each) for each in _messages(fields, attack))


def _messages(messages: list[list[tuple[str, str]]], attack: Attack) -> Iterator[Complaint]:
    for fields in messages:
        names = [name for name, _ in fields]
        if len(set(names)) != len(names):
            yield "doubled", f"fields {sorted(one for one in names if names.count(one) > 1)}"
        found = dict(fields)
        if found["PRIORITY"] not in {"4", "6"} or acting(found["MESSAGE"], ""):
            yield "doubled", f"priority {found['PRIORITY']}, message {found['MESSAGE'][:80]!r}"
    title = dict(messages[0])["DL_LIT_TITLE"]
    if title.encode() != attack.text.encode("utf-8", "backslashreplace"):
        yield "lost", f"title reads {title[:80]!r}"


def metrics(attacks: Sequence[Attack]) -> Iterator[Found]:
    """Labels of metrics."""
    for attack in attacks:
        sample = Sample(1, {"service": attack.text, "stage": "download"})
        text = rendered([Metric("dl_lit_x", "gauge", "x", (sample,))])
        text.encode()
        found, odd = samples(text)
        if odd or len(found) != 1 or set(found[0][1]) != {"service", "stage"} or acting(text):
            yield "metrics", attack.name, "doubled", f"{len(found)} samples, odd lines {odd[:1]}"


def _event(text: str) -> Event:
    about = Condition(ailment=Ailment.SERVICE_DOWN, subject=text, says=text, remedy=text, since=0.0)
    return Event(id="evt_1", occasion=Occasion.TROUBLE, at=0.0, says=text, condition=about)


@contextmanager
def _receiver() -> Iterator[tuple[str, list[bytes]]]:
    """An address on the loopback, and the bodies that were posted to it."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def notifications(attacks: Sequence[Attack], folder: Path) -> Iterator[Found]:
    """What a command hears on its standard input and in its environment, and what is posted."""
    told, said = folder / "told", folder / "environment"
    script = folder / "hear"
    script.write_text(f"#!/bin/sh\ncat > {told}\nenv -0 > {said}\n", encoding="utf-8")
    script.chmod(0o700)
    with ExitStack() as stack:
        url, bodies = stack.enter_context(_receiver())
        clock = SystemClock()
        settings = load(env={"HOME": str(folder), "DL_LIT_ALLOW_HOSTS": "127.0.0.0/8"}).settings
        settings = replace(settings, notify=replace(settings.notify, command=str(script), url=url))
        ledger = DiskLedger(folder / "ledger", clock, keep_days=1)
        stack.callback(ledger.close)
        ways = stack.enter_context(ways_of(settings, clock, ledger))
        stack.enter_context(_logging(form="json", file=folder / "notify.log"))
        messenger = Messenger(ways, Complaints(), str(folder / "dl-lit.db"))
        for attack in attacks:
            bodies.clear()
            text = attack.text[:20_000]
            for one in messenger.tell(_event(text)):
                if one.trouble:
                    yield "notifications", attack.name, "lost", f"{one.who} is not told: {one.trouble[:200]}"
            yield from (
                ("notifications", attack.name, *each)
                for each in _heard([*bodies, told.read_bytes()], said.read_bytes(), text)
            )


def _heard(bodies: list[bytes], environment: bytes, text: str) -> Iterator[Complaint]:
    for body in bodies:
        shown = body.decode()
        if found := acting(shown, ""):
            yield "doubled", f"acting characters {', '.join(found)}"
        read = json.loads(shown)
        if read["condition"].keys() != {"ailment", "subject", "says", "remedy", "since", "severity"}:
            yield "doubled", f"fields {sorted(read['condition'])}"
        if acting(text, "") == [] and read["says"] != text:
            yield "lost", f"says {read['says'][:80]!r}"
    if len(bodies) != 2 or len(set(bodies)) != 1:
        yield "doubled", f"{len(bodies)} bodies"
    variables = [one.partition(b"=") for one in environment.split(b"\0") if one.startswith(b"DL_LIT_")]
    if len(variables) != 7 or any(acting(value.decode(), "") for _, _, value in variables):
        yield "doubled", f"{len(variables)} variables"
