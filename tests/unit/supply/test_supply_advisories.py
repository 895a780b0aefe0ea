"""Advisories are looked up where they can be had; where not, one line says so and nothing fails. Real sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner
from supply import advisories
from supply.__main__ import main
from supply.advisories import (
    BadExceptionError,
    Exempt,
    Finding,
    UnreachableError,
    look_up,
    read_exceptions,
)
from supply.locks import Pin, everything

ONE = Pin("one", "1.0", ("a" * 64,), ("dl-lit",))
TWO = Pin("two", "2.0", ("b" * 64,), ("dl-lit",))
TODAY = date(2026, 11, 23)


class Database(BaseHTTPRequestHandler):
    """Speaks OSV's interface as documented, two pages for whoever has two advisories."""

    covering: ClassVar[dict[str, list[str]]] = {}
    told: ClassVar[dict[str, dict[str, Any]]] = {}
    status: ClassVar[int] = 200
    raw: ClassVar[bytes | None] = None
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(self.path)
        self.answer({"results": [self.one(query) for query in asked["queries"]]})

    def one(self, query: dict[str, Any]) -> dict[str, Any]:
        assert query["package"]["ecosystem"] == "PyPI"
        names = self.covering.get(f"{query['package']['name']}=={query['version']}", [])
        at = int(query.get("page_token", "0"))
        page: dict[str, Any] = {"vulns": [{"id": names[at], "modified": "2026-01-01T00:00:00Z"}]} if names else {}
        return page | ({"next_page_token": str(at + 1)} if at + 1 < len(names) else {})

    def do_GET(self) -> None:
        self.asked.append(self.path)
        told = self.told.get(self.path.rsplit("/", 1)[-1])
        self.answer(told or {"code": 5, "message": "not found"}, 200 if told else 404)

    def answer(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode() if self.raw is None else self.raw
        self.send_response(status if self.status == 200 else self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[Database]]]:
    """The address of a database of its own, and what it answers."""
    monkeypatch.setenv("NO_PROXY", "*")

    class Own(Database):
        covering: ClassVar[dict[str, list[str]]] = {}
        told: ClassVar[dict[str, dict[str, Any]]] = {}
        asked: ClassVar[list[str]] = []

    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", Own
        server.shutdown()
        thread.join()


def audit(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["advisories", *arguments], catch_exceptions=False)
    return done.exit_code, done.output


def test_all_pins_are_asked_about_in_one_request(database: tuple[str, type[Database]]) -> None:
    address, answers = database
    assert audit("--service", address) == (0, f"{len(everything())} distributions, no known vulnerability\n")
    assert answers.asked == ["/v1/querybatch"]


def test_an_advisory_is_found_on_whatever_page_with_its_names_and_words(database: tuple[str, type[Database]]) -> None:
    address, answers = database
    answers.covering["two==2.0"] = ["GHSA-1", "PYSEC-2"]
    answers.told["GHSA-1"] = {"id": "GHSA-1", "aliases": ["CVE-1"], "summary": "Reads\n what it\x1b[31m should not"}
    assert look_up([ONE, TWO], address) == (
        Finding(TWO, ("GHSA-1", "CVE-1"), "Reads what it?[31m should not"),
        Finding(TWO, ("PYSEC-2",), ""),
    )


def test_another_version_is_not_covered(database: tuple[str, type[Database]]) -> None:
    address, answers = database
    answers.covering["two==1.9"] = ["GHSA-1"]
    assert look_up([ONE, TWO], address) == ()


def test_a_withdrawn_advisory_does_not_count(database: tuple[str, type[Database]]) -> None:
    address, answers = database
    answers.covering["one==1.0"] = ["GHSA-1"]
    answers.told["GHSA-1"] = {"id": "GHSA-1", "withdrawn": "2026-01-01T00:00:00Z"}
    assert look_up([ONE], address) == ()


def test_a_known_vulnerability_fails_the_check_and_an_exception_lets_it_pass(
    database: tuple[str, type[Database]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, answers = database
    pin = everything()[0]
    answers.covering[f"{pin.name}=={pin.version}"] = ["GHSA-1"]
    code, said = audit("--service", address)
    assert code == 1
    assert f"{pin.name} {pin.version}: GHSA-1" in said
    day = datetime.now(tz=UTC).date()
    exempt = Exempt("GHSA-1", pin.name, "we never call it", day, day + timedelta(days=1))
    idle = Exempt("GHSA-2", pin.name, "mended since", day, day + timedelta(days=1))
    monkeypatch.setattr(advisories, "read_exceptions", lambda: (exempt, idle))
    code, said = audit("--service", address)
    assert code == 0
    assert "we never call it" in said
    assert "GHSA-2: the exception" in said


def test_an_exception_holds_for_one_package_under_any_name_until_its_day() -> None:
    found = Finding(ONE, ("GHSA-1", "CVE-1"))
    exempt = Exempt("CVE-1", "one", "not called", TODAY, TODAY + timedelta(days=30))
    assert found.exempt([exempt], exempt.until) is exempt
    assert found.exempt([exempt], exempt.until + timedelta(days=1)) is None
    assert Finding(TWO, ("CVE-1",)).exempt([exempt], TODAY) is None
    assert Finding(ONE, ("CVE-2",)).exempt([exempt], TODAY) is None


def test_without_a_network_one_line_says_so_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        code, said = audit("--service", f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert code == 0
    assert said.startswith("left out: the advisory database could not be asked: ")
    assert said.count("\n") == 1


def test_a_database_that_never_answers_is_waited_for_no_longer_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UnreachableError, match=r"no answer within 0\.1 s"):
            look_up([ONE], address, 0.1)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b"{}", b'{"results": []}', b'{"results": [3]}', b"\xff"])
def test_an_answer_of_another_form_fails_nothing(database: tuple[str, type[Database]], raw: bytes) -> None:
    """A proxy's page, for one."""
    address, answers = database
    answers.raw = raw
    with pytest.raises(UnreachableError, match="another form"):
        look_up([ONE], address)


def test_a_refusal_fails_nothing(database: tuple[str, type[Database]]) -> None:
    address, answers = database
    answers.status = 503
    with pytest.raises(UnreachableError, match="503"):
        look_up([ONE], address)


def test_the_exceptions_have_reasons_and_dates_and_do_not_last() -> None:
    read_exceptions()


@pytest.mark.parametrize(
    "lines",
    [
        'id = "X"',
        'id = "X"\npackage = "one"\nreason = ""\nnoted = 2026-01-01\nuntil = 2026-02-01',
        'id = "X"\npackage = "one"\nreason = "so"\nnoted = "2026-01-01"\nuntil = 2026-02-01',
        'id = "X"\npackage = "one"\nreason = "so"\nnoted = 2026-01-01\nuntil = 2027-01-01',
    ],
)
def test_an_exception_without_reason_or_end_is_refused(tmp_path: Path, lines: str) -> None:
    table = tmp_path / "exceptions.toml"
    table.write_text(f"[[exception]]\n{lines}\n", encoding="utf-8")
    with pytest.raises(BadExceptionError):
        read_exceptions(table)
