"""A database full of such texts, shown by every command, on the live screen and by the control surface."""

from __future__ import annotations

import csv
import http.client
import io
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import rispy
from bibtexparser.entrypoint import parse_string
from click.testing import CliRunner, Result
from proofs.text.attacks import FORGED, Attack, acting, plain
from proofs.text.files import letters, work_of
from proofs.text.lines import LINES_AN_ATTACK, Found, log_of
from proofs.text.readers import Page, on_terminal, samples
from rich.console import Console

from db.connect import connect
from db.intake import add_sources
from db.store import SqliteStore
from dl_lit import logs
from dl_lit.app.control_surface.surface import Surface
from dl_lit.app.now.snapshot import snapshot
from dl_lit.app.recognising import RECOGNISER
from dl_lit.cli import cli
from dl_lit.cli.live.drawing import PAGES, Room, drawn
from dl_lit.cli.live.history import History
from dl_lit.cli.live.lines import Lines
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.control_address import TcpAddress
from dl_lit.core.items import EntryItem, Extracted, Queued, Resolved, WorkItem
from dl_lit.core.job import Claim, Done, Outcome, Reject
from dl_lit.core.model import Bibliography, Location, Name, Reference, StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, NewSource
from dl_lit.settings import Settings, load
from dl_lit.web.application import Application
from dl_lit.web.listening import listening
from dl_lit.web.server import Server

_MOST = 5_000  # characters of a text in the database: longer ones are cut where they come in
_TOGETHER = 16  # texts of one character that acts
_FORMATS = ("bibtex", "biblatex", "csl-json", "ris", "csv", "jsonl")
_FILES = "{0}/../$(id)\x1b[31m\n{1} =x"


def fitting(attacks: Sequence[Attack]) -> list[Attack]:
    """Those that a database can hold, single characters together in a few.

    Half a surrogate pair is no text to a database, nor in the answers of services.
    """
    cut = [replace(one, text=one.text[:_MOST]) for one in attacks]
    held = [one for one in cut if not any("\ud800" <= letter <= "\udfff" for letter in one.text)]
    single = [one for one in held if one.name.startswith("U+")]
    together = [single[start : start + _TOGETHER] for start in range(0, len(single), _TOGETHER)]
    return [
        *(one for one in held if not one.name.startswith("U+")),
        *(Attack(some[0].name, " ".join(one.text for one in some)) for some in together),
    ]


def fill(path: Path, attacks: Sequence[Attack]) -> None:
    """A source that cites a work a text; in turn they are given up, not recognised, or wait."""
    clock = SystemClock()
    with closing(SqliteStore(path, clock, RECOGNISER, synchronous="NORMAL")) as store:
        engine = connect(path)
        try:
            add_sources(engine, [NewSource(f"/inbox/{_FILES}.pdf", "ab" * 32, 1_000)], clock)
        finally:
            engine.dispose()
        store.notice()

        def answer(stage: StageName, outcome: Any) -> None:
            claims = store.claim(stage, 100_000)
            store.record([Finished(claim, outcome(claim), clock.time(), 0.1) for claim in claims])

        answer(StageName.EXTRACTION, lambda _: Done(Extracted(_bibliography(attacks))))
        answer(StageName.ENRICHMENT, lambda claim: _recognised(claim, attacks))
        answer(StageName.QUEUEING, lambda claim: Done(Queued((_location(claim),))))
        answer(
            StageName.DOWNLOAD,
            lambda claim: Reject(Reason.BLOCKED_PAYWALL, claim.item.work.title, {"said": claim.item.work.title}),
        )


def _bibliography(attacks: Sequence[Attack]) -> Bibliography:
    references = tuple(
        Reference(
            position=position, raw=one.text, label=one.text[:200], section=one.text[:200], page=1, title=one.text,
            authors=(Name(one.text, one.text),), container_title=one.text, year=2019, url=one.text, doi=one.text,
        )
        for position, one in enumerate(attacks, start=1)
    )  # fmt: skip
    return Bibliography(page_count=1, references=references, title=_FILES, authors=(Name(_FILES),), notes=(_FILES,))


def _recognised(claim: Claim, attacks: Sequence[Attack]) -> Outcome:
    assert isinstance(claim.item, EntryItem)  # noqa: S101 - what that stage is handed
    position = claim.item.reference.position
    text = attacks[position - 1].text
    if position % 3 == 0:
        return Reject(Reason.AMBIGUOUS_MATCH, text, [{"title": text, "doi": text, "score": 0.5}])
    work = replace(work_of(text), doi=f"10.1000/{position}.{text[:200]}", arxiv_id=None, pmid=None, isbn=None)
    return Done(Resolved(work=work, matched_by="search", score=0.9))


def _location(claim: Claim) -> Location:
    assert isinstance(claim.item, WorkItem)  # noqa: S101 - what that stage is handed
    title = claim.item.work.title
    return Location(url=f"https://repo.example/{title}", licence=title, found_by=title)


def commands(path: Path, attacks: Sequence[Attack], folder: Path) -> Iterator[Found]:
    """Every command that shows what the database holds, as on a terminal and as JSON."""
    for position, attack in enumerate(attacks, start=1):
        ended = _run(path, "explain", f"e{position}")
        if letters(_written_out(attack.text)) not in letters(ended.stdout) or ended.exit_code != 0:
            yield "dl-lit explain", attack.name, "lost", f"exit {ended.exit_code}, {ended.output[:80]!r}"
    for words in (
        *(("status",), ("missing",), ("review",), ("inspect-tables",), ("doctor",), ("merges",), ("explain", "s1")),
        *(("explain", f"e{position}") for position in range(1, len(attacks) + 1)),
        *(("explain", f"w{number}") for number in range(1, len(attacks), 7)),
    ):
        ended = _run(path, *words)
        yield from _on_terminal(ended, words)
    for words in (
        ("status", "--json"),
        ("missing", "--format", "json"),
        ("explain", "s1", "--json"),
        ("review", "--json"),
    ):
        yield from _as_json(_run(path, *words), words)
    for text in (attack.text[:500] for attack in attacks if "\0" not in attack.text):
        yield from _on_terminal(_run(path, "explain", "--", text), ("explain", "TEXT"))
        yield from _on_terminal(_run(path, "config", env={"DL_LIT_CONTACT_EMAIL": text}), ("config", "TEXT"))
    yield from _tail(attacks, folder)


def _written_out(text: str) -> str:
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in " ".join(text.split()))


def _run(path: Path, *words: str, env: dict[str, str] | None = None) -> Result:
    environment = {"HOME": str(path.parent), "DL_LIT_DB": str(path), "DL_LIT_LIBRARY": str(path.parent / "library")}
    try:
        return CliRunner().invoke(cli, list(words), env={**environment, **(env or {})}, color=True)
    finally:
        logs.close()


def _on_terminal(ended: Result, words: Sequence[str], allowed: str = "\n") -> Iterator[Found]:
    name = f"dl-lit {words[0]}"
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        yield name, " ".join(words), "untyped", repr(ended.exception)[:200]
    for shown in (ended.stdout_bytes, ended.stderr_bytes):
        if trouble := on_terminal(shown, allowed):
            yield name, " ".join(words), "doubled", trouble


def _as_json(ended: Result, words: Sequence[str]) -> Iterator[Found]:
    yield from _on_terminal(ended, words)
    try:
        json.loads(ended.stdout)
    except ValueError as error:
        yield f"dl-lit {words[0]}", " ".join(words), "lost", f"no JSON ({error}): {ended.output[:80]!r}"


def _tail(attacks: Sequence[Attack], folder: Path) -> Iterator[Found]:
    file = folder / "tailed.log"
    log_of(attacks, file, "json")
    many = str(LINES_AN_ATTACK * len(attacks))
    for words in (
        ("tail", "--no-follow", "-n", many, str(file)),
        ("tail", "--json", "--no-follow", "-n", many, str(file)),
    ):
        ended = _run(folder / "none.db", *words)
        yield from _on_terminal(ended, words[:2])
        lines = [line for line in ended.stdout.splitlines() if line and not line.startswith(("    ", "--"))]
        if len(lines) != int(many):
            yield "dl-lit tail", words[1], "doubled", f"{len(lines)} lines of {many}"


def exports(path: Path, attacks: Sequence[Attack]) -> Iterator[Found]:
    """All works in every format, as read back by others: as many as there are."""
    number = sum(position % 3 != 0 for position in range(1, len(attacks) + 1))
    missing = len(attacks)
    for form in _FORMATS:
        ended = _run(path, "export", "--format", form)
        yield from _on_terminal(ended, ("export", form), allowed="\n\t")
        found = _records(form, ended.stdout_bytes.decode())
        if found != number:
            yield f"dl-lit export {form}", "all", "doubled" if found > number else "lost", f"{found} of {number}"
    for form in ("ris", "csv"):
        ended = _run(path, "missing", "--format", form)
        found = _records(form, ended.stdout_bytes.decode())
        if found != missing:
            yield f"dl-lit missing {form}", "all", "doubled" if found > missing else "lost", f"{found} of {missing}"
    page = _run(path, "missing", "--format", "html").stdout
    text = Page(page).text
    for attack in attacks:
        if plain(attack.text) not in text:
            yield "dl-lit missing html", attack.name, "lost", "the page does not show the text"
    if acting(page) or Page(page).strange_links or "script" in Page(page).elements:
        yield "dl-lit missing html", "all", "doubled", f"{acting(page)} {Page(page).strange_links[:1]}"


def _records(form: str, text: str) -> int:
    match form:
        case "bibtex" | "biblatex":
            return len(parse_string(text).entries)
        case "ris":
            return len(rispy.loads(text))
        case "csv":
            return len(list(csv.reader(io.StringIO(text, newline="")))) - 1
        case "csl-json":
            return len(json.loads(text))
        case _:
            return len(text.splitlines())


def screens(path: Path, attacks: Sequence[Attack]) -> Iterator[Found]:
    """The live screen, and its lines where there is no terminal."""
    clock = SystemClock()
    now = snapshot(_settings(path), clock, recent=20)
    for attack in attacks:
        bad = Condition(
            ailment=Ailment.SERVICE_DOWN, subject=attack.text, says=attack.text, remedy=attack.text, since=0.0
        )
        for page in PAGES:
            file = io.StringIO()
            console = Console(file=file, width=100, height=40, force_terminal=True, color_system="standard")
            history = History(every_s=1.0)
            history.add(now)
            moment = replace(now, conditions=(bad,))
            console.print(drawn(moment, Room(100, 40), page=page, history=history, keys="q quit"))
            if trouble := on_terminal(file.getvalue().encode("utf-8", "surrogatepass")):
                yield "live screen", attack.name, "doubled", trouble
        lines = "\n".join(Lines().of(replace(now, conditions=(bad,))))
        if (trouble := on_terminal(lines.encode("utf-8", "surrogatepass"))) or lines.count("\n") != 1:
            yield "live lines", attack.name, "doubled", trouble or "more lines"


def _settings(path: Path) -> Settings:
    env = {"HOME": str(path.parent), "DL_LIT_DB": str(path), "DL_LIT_LIBRARY": str(path.parent / "library")}
    return replace(load(env=env).settings, synchronous="NORMAL")


@contextmanager
def _serving(settings: Settings) -> Iterator[tuple[http.client.HTTPConnection, Application]]:
    address = TcpAddress("127.0.0.1", 0)
    with Surface(settings, SystemClock(), address) as surface, listening(address) as (listener, where):
        application = surface.application()
        server = Server(lambda: application, listener)
        thread = threading.Thread(target=server.run)
        thread.start()
        host, _, port = where.removeprefix("http://").rpartition(":")
        try:
            with closing(http.client.HTTPConnection(host, int(port), timeout=20)) as connection:
                yield connection, application
        finally:
            server.stop()
            thread.join(20)


_MARKUP = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write(", "eval(")
_ASKED = (
    "/api/status",
    "/api/conditions",
    "/api/sources",
    "/api/references",
    "/api/works",
    "/api/explain/s1",
    "/health",
)


def dashboard(path: Path, attacks: Sequence[Attack]) -> Iterator[Found]:
    """The page, the documents it asks for, the metrics and the stream of events."""
    with _serving(_settings(path)) as (connection, _):
        said = ""
        for where in (*_ASKED, *(f"/api/explain/e{position}" for position in range(1, len(attacks) + 1))):
            status, kind, body = _got(connection, where)
            if status != 200 or not kind.startswith("application/json"):
                yield f"GET {where}", "all", "untyped", f"{status} {kind}"
                continue
            json.loads(body)
            said += json.dumps(json.loads(body), ensure_ascii=False)
        for attack in attacks:
            if json.dumps(attack.text, ensure_ascii=False)[1:-1] not in said:
                yield "GET /api", attack.name, "lost", "no document has the text"
        status, kind, body = _got(connection, "/metrics")
        _, odd = samples(body)
        if odd or FORGED in body or acting(body):
            yield "GET /metrics", "all", "doubled", f"{odd[:2]}"
        status, kind, body = _got(connection, "/")
        strange = [one for one in Page(body).strange_links if not one.startswith("data:image/svg+xml,")]
        if strange or any(attack.text in body for attack in attacks if "<script>" in attack.text):
            yield "GET /", "all", "doubled", f"{strange[:1]}"
        if marked := [word for word in _MARKUP if word in body]:
            yield "GET /", "all", "doubled", f"its scripts write markup: {marked}"
        connection.request("GET", "/events")
        stream = connection.getresponse().read1(1 << 20).decode()
        lines = [
            line
            for line in stream.split("\n")
            if line and not line.startswith(("retry: ", "id: ", "event: ", "data: ", ":"))
        ]
        if "event: evil" in stream.split("\n") or (lines and len(stream) < 1 << 16):
            yield "GET /events", "all", "doubled", f"{lines[:1]}"


def _got(connection: http.client.HTTPConnection, where: str) -> tuple[int, str, str]:
    connection.request("GET", where)
    answer = connection.getresponse()
    return answer.status, answer.headers["content-type"], answer.read().decode()
