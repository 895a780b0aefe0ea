"""Whoever has no right: tokens of every kind, names that are not ours, pages of other sites, methods of every kind."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import statistics
import time
from collections.abc import Iterator
from itertools import product

from proofs.surface.trial import Attack, Trial
from proofs.surface.wire import Door, answers

METHODS = (
    *("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "pOsT", "X"),
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ROUTES = (
    *("/", "/health", "/health/live", "/health/ready", "/metrics", "/openapi.json", "/api/status", "/api/conditions"),
    *("/api/sources", "/api/references", "/api/works", "/api/explain/e1", "/api/reasons", "/api/throughput"),
    *("/api/recent", "/api/bibliographies", "/api/bibliography?source=1", "/api/library", "/api/search?text=a"),
    *(
        "/api/failures?stage=download&reason=not-a-pdf",
        "/api/graph",
        "/process",
        "/api/pause",
        "/api/resume",
        "/api/retry",
    ),
    "/nowhere",
)
ORDERS = ("/process", "/api/pause", "/api/resume", "/api/retry")
FOREIGN = (
    *("evil.example", "evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example.", ""),
    *(
        "127.0.0.1@evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1/evil",
        "127.0.0.1#evil",
        "127.0.0.1?x",
        "[::1",
        "::1",
    ),
    *(
        "127.0.0.1:{port}:{port}",
        "127.0.0.1:x",
        "0.0.0.0",  # noqa: S104 - a name like others
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
    ),
    *(
        "[::1%25lo]",
        "localhost,evil.example",
        "localhost evil.example",
        "*.localhost",
        "lo\u0441alhost",
        "127.0.0.1\\evil",
    ),
    *("127.0.0.1.nip.io", "[localhost]", "a.localhost", "169.254.169.254", "..", "."),
)
OURS = ("127.0.0.1:{port}", "localhost:{port}", "LOCALHOST", "localhost.", "[::1]:{port}", "localhost:1", "127.0.0.1")
SITES: tuple[dict[str, str], ...] = (
    *(
        {"Origin": one}
        for one in ("null", "https://evil.example", "http://localhost", "http://127.0.0.1:1", "file://", "")
    ),
    *(
        {"Origin": one}
        for one in ("http://{host}.evil.example", "http://{host}@evil.example", "http://[", "x", "{host}")
    ),
    *({"Sec-Fetch-Site": one} for one in ("cross-site", "same-site", "Cross-Site", "x", "")),
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://{host}"},
    *(
        {"Referer": one}
        for one in ("https://evil.example/", "http://{host}@evil.example/", "x", "http://{host}.evil.example/")
    ),
)
_WRONG = 30
_TIMED = 300


def try_doors(trial: Trial, *, timed: int = _TIMED) -> None:
    """Everything that asks without a right; on an address that this machine can reach, with its token known to us."""
    trial.attack("doors: no token, or no right one", _without(trial.served.door))
    trial.attack("doors: names that are not ours", _names(trial.served.door))
    trial.attack("doors: pages of other sites", _sites(trial.served.door))
    trial.attack("doors: methods that change nothing", _harmless(trial.served.door))
    _locked_out(trial)
    trial.told[f"doors: seconds to refuse a token, median of {timed}"] = _timed(trial.served.door, timed)


def _request(door: Door, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    sent = {"Host": door.host, "Connection": "close", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {text}\r\n" for name, text in sent.items())
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _body(target: str) -> tuple[dict[str, str], bytes]:
    if target.startswith("/process"):
        return {"Content-Type": "application/pdf"}, b"%PDF-1.7 without a right"
    return {"Content-Type": "application/json"}, b'{"by": "nobody"}' if target.startswith("/api/pause") else b"{}"


def shown_tokens(right: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Everything that is no right token: its name, what stands behind the address, headers."""
    expired = json.dumps({"sub": "admin", "exp": 1_000_000_000}).encode()
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    jwt = f"{head}.{base64.urlsafe_b64encode(expired).rstrip(b'=').decode()}."
    basic = base64.b64encode(f"x:{right}".encode()).decode()
    yield "none", "", {}
    for name, text in (
        ("empty", ""), ("Bearer alone", "Bearer"), ("Bearer and blank", "Bearer "), ("wrong", "Bearer x"),
        ("expired", f"Bearer {jwt}"),
        ("cut", f"Bearer {right[:-1]}"), ("longer", f"Bearer {right}x"), ("twice", f"Bearer {right} {right}"),
        ("small letters", f"Bearer {right.lower()}x"), ("Basic", f"Basic {basic}"),
        ("Token", f"Token {right}"), ("no scheme", right), ("quoted", f'Bearer "{right}"'),
        ("digest", f"Bearer {hashlib.sha256(right.encode()).hexdigest()}"),
        ("latin", "Bearer \u00e9"), ("null", "Bearer null"), ("undefined", "Bearer undefined"),
        ("long", "Bearer " + "x" * 9_000),
    ):  # fmt: skip
        yield name, "", {"Authorization": text}
    for name in ("token", "access_token", "api_key", "Authorization"):
        yield f"?{name}=", f"{name}={right}", {}
    for name in ("Cookie", "X-Api-Key", "X-Auth-Token", "Proxy-Authorization", "X-Forwarded-User", "X-Original-URL"):
        yield name, "", {name: f"token={right}" if name == "Cookie" else right}
    yield (
        "as if from here",
        "",
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    )
    yield "method in a header", "", {"X-HTTP-Method-Override": "POST"}


def _without(door: Door) -> Iterator[Attack]:
    for (name, query, headers), target, method in product(shown_tokens(door.token or ""), ROUTES, METHODS):
        is_order = method not in _SAFE
        if not is_order and (name != "none" or target not in ORDERS):
            continue
        if is_order and name != "none" and target not in ORDERS:
            continue
        asked = f"{target}{'&' if '?' in target else '?'}{query}" if query else target
        kind, body = _body(target)
        may = {401, 429} if is_order else {204} if method == "OPTIONS" else {405, 401}
        if target.partition("?")[0] in {"/", "/health", "/health/live", "/health/ready"} and is_order:
            may = {405}  # open to all, and nothing there can be changed
        sent = _request(door, method, asked, kind | headers, body)
        yield Attack(f"{method} {target} {name}", sent, may | {400} if method == "CONNECT" else may)


def _names(door: Door) -> Iterator[Attack]:
    port = door.host.rpartition(":")[2]
    right = {"Authorization": f"Bearer {door.token}"}
    for host, target in product(FOREIGN, ("/", "/health", "/api/status", "/events", "/process", "/api/pause")):
        method = "POST" if target in ORDERS else "GET"
        kind, body = _body(target)
        for more in ({}, {"X-Forwarded-Host": door.host, "X-Host": door.host, "Forwarded": f"host={door.host}"}):
            headers = {**kind, **right, **more, "Host": host.format(port=port)}
            yield Attack(
                f"{host} {target} {sorted(more)[:1]}", _request(door, method, target, headers, body), {421, 400}
            )
    for host in OURS:
        yield Attack(
            f"{host}, which is ours", _request(door, "GET", "/api/status", {"Host": host.format(port=port)}), {200}
        )
    both = _request(door, "GET", "/api/status", {}).replace(b"Host:", b"Host: evil.example\r\nHost:", 1)
    yield Attack("two names", both, {400})
    yield Attack("no name in HTTP/1.0", b"GET /api/status HTTP/1.0\r\n\r\n", {421})


def _sites(door: Door) -> Iterator[Attack]:
    right = {"Authorization": f"Bearer {door.token}"} if door.token else {}
    for headers, target in product(SITES, ORDERS):
        kind, body = _body(target)
        told = {name: text.format(host=door.host) for name, text in headers.items()}
        yield Attack(f"{headers} {target}", _request(door, "POST", target, {**kind, **right, **told}, body), {403})
    for target in ("/api/status", "/metrics", "/events", "/api/library"):
        for told in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}):
            yield Attack(f"GET {told} {target}", _request(door, "GET", target, told), {403})
    for simple in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        for target in ORDERS:  # what a page can send without being asked whether it may
            sent = _request(
                door, "POST", target, {"Content-Type": simple, "Origin": "https://evil.example"}, b'{"by":"x"}'
            )
            yield Attack(f"a simple post of {simple} to {target}", sent, {403})
    for target in ROUTES:
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization",
                 "Access-Control-Request-Private-Network": "true"}  # fmt: skip
        yield Attack(
            f"preflight {target}", _request(door, "OPTIONS", target, asked), {204, 403, 404}, then=_no_permission
        )


def _no_permission(came):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as `Attack.then`
    for answer in came:
        yield from (name for name in answer.headers if name.startswith("access-control"))


def _harmless(door: Door) -> Iterator[Attack]:
    right = {"Authorization": f"Bearer {door.token}"} if door.token else {}
    for method, target in product(("HEAD", "OPTIONS", "GET", "PUT", "PATCH", "DELETE", "TRACE"), ROUTES):
        kind, body = _body(target)
        sent = _request(door, method, target, {**kind, **right}, body)
        yield Attack(f"{method} {target}", sent, {200, 204, 404, 405, 503})


def _locked_out(trial: Trial) -> None:
    """After too many wrong tokens from an address, the right one from there still counts, and others' do."""
    row, door = "doors: lockout", trial.served.door
    wrong = Door(door.where, "wrong" + secrets.token_hex(2))
    statuses = [wrong.ask("POST", "/api/resume", b"{}").status for _ in range(_WRONG)]
    right = door.ask("POST", "/api/resume", b"{}")
    asked = door.ask("GET", "/api/status", token=False)
    trial.note(row, *statuses, right.status, asked.status, tried=_WRONG + 2)
    if set(statuses) - {401, 429} or 429 not in statuses:
        trial.found("doubled", row, f"{_WRONG} wrong ones", f"{statuses}")
    if (right.status, asked.status) != (200, 200):
        trial.found("lost", row, "the right one behind them", f"{right.status}, without one {asked.status}")
    trial.alive(row)


def _timed(door: Door, times: int) -> dict[str, float]:
    """How long it takes to refuse tokens that share more or less with the right one. Told, not judged: it is noise."""
    token = door.token or ""
    kinds = {
        "nothing in common": "x" * len(token),
        "all but the last": token[:-1] + "x",
        "short": "x",
        "long": "x" * 4_000,
    }
    took: dict[str, list[float]] = {name: [] for name in kinds}
    connection = door.connected()
    try:
        for _ in range(times):
            for name, text in kinds.items():
                sent = _request(
                    door, "GET", "/api/status", {"Authorization": f"Bearer {text}", "Connection": "keep-alive"}
                )
                began = time.perf_counter()
                connection.sendall(sent)
                came = connection.recv(65_536)
                while b"}" not in came:
                    came += connection.recv(65_536)
                took[name].append(time.perf_counter() - began)
                if answers(came)[0].status not in {401, 429}:
                    return {"failed": 0.0}
    finally:
        connection.close()
    return {name: round(statistics.median(each), 6) for name, each in took.items()}
