"""Who may come in: names, tokens, and web pages of others.

What may be had without the token depends on where the request comes from:

* the owner's own socket: everything; nobody else can open it;
* this machine, by one of its own names: everything that changes nothing;
* from elsewhere, or by a name that was set for a reverse proxy: whether it lives, and the page, which holds no data.

A web page elsewhere that lets its own name resolve to this machine (DNS rebinding) sends that name as Host and is
refused; one that asks us across sites is known by Sec-Fetch-Site and Origin, in old browsers by Referer
(https://www.w3.org/TR/fetch-metadata/, read 2026-11-23), and may do no more than lead somebody here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import field
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from dl_lit.core.control_address import Reach
from dl_lit.core.values import dataclass
from dl_lit.web.contract import Refused
from dl_lit.web.failures import Failures
from dl_lit.web.refusals import refusal

HEALTH = frozenset({"/health", "/health/live", "/health/ready"})
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9a-zA-Z_.-]+))(?::[0-9]{0,5})?", re.ASCII)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def names_of(host: str) -> frozenset[str]:
    """What a client on this machine may call the address `host`."""
    return frozenset({host.lower(), "localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who may do what."""

    reach: Reach
    token: str = field(repr=False)
    own_names: Collection[str] = ()  # of this machine; not looked at where anybody can reach the address
    other_names: Collection[str] = ()  # that a reverse proxy passes on
    open_paths: Collection[str] = ()  # besides /health: the page, which holds no data


class Door:
    """Lets in who may come in; the others are told why not."""

    def __init__(self, app: ASGIApp, rules: Rules, failures: Failures) -> None:
        """`app` sees only requests that may come in."""
        self._app = app
        self._rules = rules
        self._token = _digest(rules.token)
        self._open = HEALTH | frozenset(rules.open_paths)
        self._failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            try:
                await self._check(scope)
            except Refused as why:
                await refusal(why)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        reach = self._reach(headers)
        is_safe = scope["method"] in SAFE
        is_open = scope["path"] in self._open
        if not is_safe:
            _require_own_page(headers)
            _require_own_referer(headers)
        elif not is_open and headers.get("sec-fetch-mode") != "navigate":
            _require_own_page(headers)
        if reach is Reach.OWNER or is_open:
            return
        given = _bearer(headers)
        if given is None:
            if reach is Reach.MACHINE and is_safe:
                return
            raise Refused(401, "token-needed", "this needs the token: Authorization: Bearer TOKEN")
        who = (scope.get("client") or ("",))[0]
        if hmac.compare_digest(_digest(given), self._token):
            return  # whoever else has sent wrong ones from there
        await self._failures.note(who)
        raise Refused(401, "token-wrong", "this is not the token")

    def _reach(self, headers: Headers) -> Reach:
        """Who asks, by the name that they ask for."""
        rules = self._rules
        if rules.reach is not Reach.MACHINE:
            return rules.reach
        name = host_name(headers.get("host", ""))
        if name in rules.own_names:
            return Reach.MACHINE
        if name in rules.other_names:
            return Reach.ANYBODY
        raise Refused(421, "unknown-host", "this name is not served here: see the setting serve.hosts")


def host_name(host: str) -> str:
    """The name in a Host header in small letters, without port and last dot; "" where it is no name with a port."""
    match = _HOST.fullmatch(host)
    return "" if match is None else (match[1] or match[2]).lower().removesuffix(".")


def _digest(text: str) -> bytes:
    """As long for every text, so that to compare it takes as long for every token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _bearer(headers: Headers) -> str | None:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


def _require_own_page(headers: Headers) -> None:
    """Raise where a web page of others makes the browser ask."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site not in {None, "same-origin", "none"}:
        raise _cross_site()
    if origin is not None and _place(origin) != headers.get("host", "").lower():
        raise _cross_site()


def _require_own_referer(headers: Headers) -> None:
    """The same for browsers that tell nothing else."""
    if headers.get("sec-fetch-site") is None and headers.get("origin") is None:
        page = headers.get("referer")
        if page is not None and _place(page) != headers.get("host", "").lower():
            raise _cross_site()


def _cross_site() -> Refused:
    return Refused(403, "cross-site", "pages of other sites may neither ask nor change anything here")


def _place(origin: str) -> str | None:
    """Host and port of the address in an Origin or Referer header; None where it names none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
