"""The traps set up: a host for each, a canary that nobody may reach, one that never picks up, names of their own."""

from __future__ import annotations

import hashlib
import re
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from dl_lit.core.model import Work
from dl_lit.replica.hosts import Guest
from dl_lit.replica.traps.addresses import CANARY
from dl_lit.replica.traps.model import Case, Visit, location_of
from dl_lit.replica.traps.papers import plain
from dl_lit.replica.wire import Plan, Request, Response, html_response

DOMAIN = ".trap.test"
_NOBODY = "127.0.250.1"
_BRACES = re.compile(r"\{(\w+)(:host)?\}")
_WAITING = 4  # connections that fill the queue of the host that never picks up


@dataclass(slots=True)
class _Host:
    """One host of one case, as a service of the replica."""

    world: TrapWorld
    number: int
    letter: str
    asked: Counter[str] = field(default_factory=Counter)

    def plan(self, request: Request) -> Plan:
        """The case's answer for this path, 404 where it has none."""
        case = self.world.cases[self.number]
        path = request.raw_path
        serve = case.answers.get(path if self.letter == "a" else f"{self.letter}:{path}")
        if serve is None:
            return Plan(kind="other", answer=lambda: html_response("<html><body>404</body></html>", status=404))
        self.asked[path] += 1
        visit = self.world.visit(self.number, request, self.asked[path])
        is_right = (path if self.letter == "a" else f"{self.letter}:{path}") not in case.wrong
        return Plan(kind="file", answer=lambda: self.world.noted(self.number, serve(visit), is_right=is_right))


class _Canary:
    """Whoever asks here has broken out."""

    def plan(self, request: Request) -> Plan:
        """Answers anything with a page."""
        del request
        return Plan(kind="other", answer=lambda: html_response("<html><title>Internal</title></html>"))


class TrapWorld:
    """The cases of one run. Give `guests` to a `Replica`, then `bind` it to what that is reached by."""

    def __init__(self, cases: Sequence[Case], *, shift: int = 0) -> None:
        """The position of a case here, and `shift`, say which made-up work it is about."""
        self.cases = tuple(cases)
        self._shift = shift
        self._bases: Mapping[str, str] = {}
        self._port = 0
        self._served: dict[int, set[str]] = {}
        self._looked_up: Counter[str] = Counter()
        self._deaf: list[socket.socket] = []

    def guests(self) -> list[Guest]:
        """The hosts of all cases, and the canary."""
        guests = [
            Guest(name=_site(number, letter), service=_Host(self, number, letter), rules=case.rules_of(letter))
            for number, case in enumerate(self.cases)
            for letter in case.hosts
        ]
        return [*guests, Guest(name="canary", service=_Canary(), address=CANARY)]

    def bind(self, bases: Mapping[str, str], port: int) -> None:
        """Take the addresses of the sites, and the port they all share; make the files before anybody asks."""
        self._bases, self._port = bases, port
        for number, case in enumerate(self.cases):
            for path, serve in case.answers.items():
                serve(self.visit(number, Request("GET", path[path.index("/") :], {}), 1))

    def __enter__(self) -> Self:
        """Have somebody who never picks up: a full queue of connections that are never accepted."""
        deaf = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._deaf.append(deaf)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deaf.bind((_NOBODY, self._port))
        deaf.listen(0)
        for _ in range(_WAITING):
            caller = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._deaf.append(caller)
            caller.setblocking(False)  # noqa: FBT003 - the socket's own signature
            caller.connect_ex((_NOBODY, self._port))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        while self._deaf:
            self._deaf.pop().close()

    def base(self, number: int, name: str) -> str:
        """The address of a case's host "a", "b", ..., of the "canary", of "nobody"; and the "port"."""
        match name:
            case "port":
                return str(self._port)
            case "nobody":
                return f"http://{_NOBODY}:{self._port}"
            case "canary":
                return self._bases["canary"]
            case _:
                return self._bases[_site(number, name)]

    def allowed(self) -> str:
        """The exception from the address guard that the cases need: our hosts at our port, the canary not."""
        return f"127.0.0.0/16:{self._port}"

    def bare_work(self, number: int) -> Work:
        """The work of a case, without its locations."""
        return self.cases[number].work(number + self._shift)

    def work(self, number: int) -> Work:
        """The work of a case as a metadata service describes it, with its locations."""
        case = self.cases[number]
        found = tuple(location_of(at, self._address(number, at.url)) for at in case.at)
        return replace(self.bare_work(number), locations=found)

    def visit(self, number: int, request: Request, times: int) -> Visit:
        """A request to a host of the case, as its answers are told of it."""
        return Visit(request=request, times=times, work=self.bare_work(number), base=partial(self.base, number))

    def is_right(self, number: int, sha256: str) -> bool:
        """Whether a file with this hash is the case's work."""
        right = hashlib.sha256(plain(self.bare_work(number))).hexdigest()
        return sha256 == right or sha256 in self._served.get(number, set())

    def noted(self, number: int, response: Response, *, is_right: bool) -> Response:
        """Remember what was served as the right file."""
        if is_right and response.body:
            self._served.setdefault(number, set()).add(hashlib.sha256(response.body).hexdigest())
        return response

    def resolve(self, name: str) -> list[str] | None:
        """The addresses of one of the cases' names, those of this look-up; None for a name that nobody has."""
        for number, case in enumerate(self.cases):
            if (answers := case.names.get(name)) is not None:
                told = answers[min(self._looked_up[name], len(answers) - 1)]
                self._looked_up[name] += 1
                return [urlsplit(self.base(number, one)).hostname or "" for one in told.split("+")]
        return None

    def _address(self, number: int, url: str) -> str:
        where, colon, path = url.partition(":/")
        if url.startswith("/"):
            return self.base(number, "a") + url
        if colon and not path.startswith("/"):
            if len(where) == 1:
                return f"{self.base(number, where)}/{path}"
            of = next(other for other, case in enumerate(self.cases) if case.name == where)
            return f"{self.base(of, 'a')}/{path}"
        return _BRACES.sub(lambda found: self._named(number, found[1], is_bare=bool(found[2])), url)

    def _named(self, number: int, name: str, *, is_bare: bool) -> str:
        address = self.base(number, name)
        return address.removeprefix("http://") if is_bare else address


def _site(number: int, letter: str) -> str:
    return f"trap-{number}-{letter}"
