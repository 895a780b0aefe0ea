"""What fails besides the services: clocks, names, proxies, TLS, the network. Each row is a run of the whole batch."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from proofs.faults.cell import Ended, Trial, undisturbed
from proofs.faults.kinds import FAULTS, SERVICES
from proofs.faults.scene import HOUR_S, Scene, scene
from proofs.picture import Picture

from dl_lit.replica.faults import Fault

_DAY_S = 86_400.0
_ALLOWED_S = 1_200.0  # that a run may take longer for a clock that was set
_ANSWER_S = 5.0
_SCRIPTS = Path(__file__).resolve().parents[2]


class _ClockIsSet(Trial):
    """A run in whose outage the wall clock is set."""

    by_s = 0.0
    is_set = False

    def _look(self) -> None:
        super()._look()
        if not self.is_set and self.clock.leapt_s > 600.0:
            self.is_set = True
            self.clock.set_by(self.by_s)


def _clock(by_s: float, one: Scene, expected: Picture, folder: Path, name: str) -> Ended:
    """OpenAlex and a repository fail for an hour; meanwhile the clock is set."""
    rules = [Fault(kind=FAULTS["503"].kind, group=group) for group in ("openalex", "repository", "zenodo")]
    usual = Trial(one, folder / "usual", name, expected)
    usual.run(rules, ("openalex",))
    usual.close()
    trial = _ClockIsSet(one, folder / "set", name, expected)
    trial.by_s = by_s
    ended = trial.run(rules, ("openalex",))
    trial.close()
    ended.notes.append(
        f"done after {trial.elapsed_s / 60:.0f} min, without the change after {usual.elapsed_s / 60:.0f}"
    )
    if not trial.is_set:
        ended.told.append("the clock was never set")
    if trial.elapsed_s > usual.elapsed_s + _ALLOWED_S:
        ended.told.append(f"waited {(trial.elapsed_s - usual.elapsed_s) / 60:.0f} min longer than without the change")
    return ended


# --- names


def _names(
    failing: tuple[Callable[[str], Any], float], one: Scene, expected: Picture, folder: Path, name: str
) -> Ended:
    """All services are set by name, and no name is found for so many seconds."""
    fail, outage_s = failing
    port, is_failing = one.replica.hosts.port, True
    addresses = {f"{site.name}.replica.test": site.address for site in one.replica.hosts.sites}
    real = socket.getaddrinfo

    def ask(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in addresses:
            return real(host, *rest, **more)
        return fail(host) if is_failing else real(addresses[host], *rest, **more)

    def found() -> None:
        nonlocal is_failing
        is_failing = False

    urls = {
        variable: _by_name(url, one, port) for variable, url in one.replica.env().items() if variable.endswith("_URL")
    }
    trial = Trial(one, folder, name, expected, **urls)
    socket.getaddrinfo = ask
    try:
        ended = trial.run((), SERVICES, outage_s, on_health=found)
    finally:
        socket.getaddrinfo = real
    trial.close()
    return ended


def _by_name(url: str, one: Scene, port: int) -> str:
    for site in one.replica.hosts.sites:
        url = url.replace(f"//{site.address}:{port}", f"//{site.name}.replica.test:{port}")
    return url


def _not_known(host: str) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {host}")


def _no_server(host: str) -> Any:
    raise socket.gaierror(socket.EAI_AGAIN, f"Temporary failure in name resolution: {host}")


def _silent(host: str) -> Any:
    threading.Event().wait(0.3)
    return _no_server(host)


def _resolver(_one: Scene, _expected: Picture, _folder: Path, name: str) -> Ended:
    """The system's own resolver, in a namespace with a name server that answers so; nobody else notices."""
    ended = Ended(name)
    told = _in_namespace("names", 60.0)
    ended.notes += [f"{case}: {what}" for case, what in told.items()]
    ended.told += [f"{case}: {what}" for case, what in told.items() if not what.startswith("dns-error")]
    return ended


# --- proxies


@contextmanager
def _counting(answer: bytes | None) -> Iterator[tuple[int, list[int]]]:
    """A port that answers so (None: never), and how many connections it has had."""
    seen: list[int] = []
    held: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    seen.append(1)
                    if answer is None:
                        held.append(connection)
                        continue
                    with connection, suppress(OSError):
                        connection.settimeout(_ANSWER_S)
                        connection.recv(65_536)
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(server.getsockname()[1]), seen
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(_ANSWER_S)
            for one in held:
                one.close()


def _answer(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()


def _environments(one: Scene, expected: Picture, folder: Path, name: str) -> Ended:
    """HTTP_PROXY and its kind name a proxy that fails: nobody is asked there."""
    with _counting(_answer("407 Proxy Authentication Required")) as (port, seen):
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        before = {variable: os.environ.get(variable) for variable in names}
        os.environ.update(dict.fromkeys(names, f"http://127.0.0.1:{port}"))
        try:
            trial = Trial(one, folder, name, expected)
            ended = trial.run((), (), outage_s=0.0)
        finally:
            for variable, value in before.items():
                os.environ.pop(variable) if value is None else os.environ.update({variable: value})
        trial.close()
        ended.notes.append(f"connections to the proxy: {len(seen)}")
        ended.told += [f"{len(seen)} connections to a proxy of the environment"] if seen else []
    return ended


def _institutions(answer: bytes | None, one: Scene, expected: Picture, folder: Path, name: str) -> Ended:
    """The institution's proxy is set and fails; the next start has none, or a good one."""
    with _counting(answer) as (port, seen):
        first = Trial(one, folder, name, None, DL_LIT_ACCESS_PROXY=f"http://127.0.0.1:{port}/login?url={{url}}")
        first.run((), ())
    return _then_healthy(first, one, expected, folder, name, notes=[f"connections to the proxy: {len(seen)}"])


def _then_healthy(
    first: Trial, one: Scene, expected: Picture, folder: Path, name: str, *, notes: Sequence[str] = ()
) -> Ended:
    """The same database with good settings: the outage is over with a start."""
    trial = Trial(one, folder, name, expected)
    ended = trial.run((), (), outage_s=0.0)
    trial.close()
    ended.meanwhile = first.ended.meanwhile
    ended.conditions |= first.ended.conditions
    ended.reasons.update(first.ended.reasons)
    ended.notes += notes
    return ended


# --- TLS


def _tls(port: int, one: Scene, expected: Picture, folder: Path, name: str) -> Ended:
    """All services are set to https, where TLS does not come about; the next start has it right. 0: the plain port."""
    urls = {}
    for variable, url in one.replica.env().items():
        if variable.endswith("_URL"):
            host, _, rest = url.removeprefix("http://").partition("/")
            urls[variable] = f"https://{host if not port else f'127.0.0.1:{port}'}/{rest}".rstrip("/")
    first = Trial(one, folder, name, None, **urls)
    first.run((), SERVICES, HOUR_S / 4)
    return _then_healthy(first, one, expected, folder, name)


@contextmanager
def _tls_server(folder: Path, days: int) -> Iterator[int]:
    """A port that speaks TLS with a certificate of its own making, which ran out before it began where negative."""
    folder.mkdir(parents=True, exist_ok=True)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    asking = folder / "asking.pem"
    for words in (
        ("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(asking)),
        ("x509", "-req", "-in", str(asking), "-signkey", str(key), "-days", str(days), "-out", str(certificate)),
    ):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.settimeout(_ANSWER_S)
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(65_536)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(_ANSWER_S)


def _certificate(days: int, one: Scene, expected: Picture, folder: Path, name: str) -> Ended:
    with _tls_server(folder / "tls", days) as port:
        return _tls(port, one, expected, folder, name)


def _handshake(one: Scene, expected: Picture, folder: Path, name: str) -> Ended:
    with _counting(None) as (port, _):
        return _tls(port, one, expected, folder, name)


# --- the network


def _gone(one: Scene, expected: Picture, folder: Path, name: str) -> Ended:
    """Nobody listens at any address for an hour; then all are back where they were."""
    trial = Trial(one, folder, name, expected)
    one.replica.stop()
    ended = trial.run((), SERVICES, HOUR_S / 4, on_health=one.replica.start)
    trial.close()
    return ended


def _down(_one: Scene, _expected: Picture, _folder: Path, name: str) -> Ended:
    """The machine's network goes down for an hour while works are under way, in a namespace of its own."""
    told = _in_namespace("network", 300.0)
    return Ended(**{**told, "name": name, "reasons": _counted(told["reasons"]), "conditions": set(told["conditions"])})


def _counted(told: Mapping[str, int]) -> Any:
    return Ended("").reasons.__class__(told)


def _in_namespace(what: str, longest_s: float) -> dict[str, Any]:
    """Run a module of ours in namespaces of its own, and read what it prints."""
    done = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, "-m", "proofs.faults.namespace", what],
        env={**os.environ, "PYTHONPATH": f"{_SCRIPTS.parent}:{_SCRIPTS}"},
        capture_output=True,
        text=True,
        timeout=longest_s,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"no namespace: {done.stderr[-300:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


_Row = Callable[[Scene, Picture, Path, str], Ended]
_ROWS: dict[str, _Row] = {
    "clock: a day ahead": partial(_clock, _DAY_S),
    "clock: an hour back": partial(_clock, -HOUR_S),
    "clock: a day back": partial(_clock, -_DAY_S),
    "names: not known": partial(_names, (_not_known, HOUR_S / 4)),
    "names: no server": partial(_names, (_no_server, HOUR_S / 4)),
    "names: a silent server": partial(_names, (_silent, HOUR_S / 20)),
    "names: the system's resolver": _resolver,
    "proxy: of the environment": _environments,
    "proxy: the institution's, 407": partial(_institutions, _answer("407 Proxy Authentication Required")),
    "proxy: the institution's, 502": partial(_institutions, _answer("502 Bad Gateway")),
    "proxy: the institution's, silent": partial(_institutions, None),
    "TLS: plain answers": partial(_tls, 0),
    "TLS: self-signed": partial(_certificate, 30),
    "TLS: expired": partial(_certificate, -1),
    "TLS: a silent handshake": _handshake,
    "network: nobody listens": _gone,
    "network: down and up": _down,
}


def _run(name: str, base: Path, seed: int) -> Ended:
    folder = base / "".join(letter if letter.isalnum() else "-" for letter in name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with scene(folder, seed, port) as one:
        return _ROWS[name](one, undisturbed(one, folder / "undisturbed"), folder / "row", name)


ROWS: dict[str, Callable[[Path, int], Ended]] = {name: partial(_run, name) for name in _ROWS}
