"""Misbehaviour on demand: rules that put a fault in the way of some requests, the same ones in every run."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from email.utils import formatdate
from enum import StrEnum
from functools import lru_cache
from time import time
from typing import Any

from dl_lit.core.values import dataclass
from dl_lit.replica.broken_wire import SPOILT
from dl_lit.replica.records import hash64
from dl_lit.replica.wire import Manner, Request, Response, Site, Tally, html_response, text_response


class FaultKind(StrEnum):
    """What goes wrong."""

    TOO_MANY_REQUESTS = "too-many-requests"  # 429; `retry_after_s` sets Retry-After, `as_date` writes it as a date
    SERVER_ERROR = "server-error"  # `status`, 503 unless set; Retry-After as above
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not-found"  # 404
    HTML = "html"  # 200 with a page of HTML
    NOT_JSON = "not-json"  # 200, announced as JSON, that is none
    EMPTY = "empty"  # 200 with no body
    TRUNCATED = "truncated"  # the first half of the body, with the length that fits it
    WRONG_LENGTH = "wrong-length"  # the first half of what Content-Length announces, then the connection closes
    DRIP = "drip"  # the body a few bytes at a time
    SLOW = "slow"  # `delay_s` more before the first byte
    RESET = "reset"  # the connection is reset
    HANG = "hang"  # never an answer
    GARBAGE = "garbage"  # bytes that are no HTTP
    REDIRECT_LOOP = "redirect-loop"
    REDIRECT_PRIVATE = "redirect-private"  # to `location`, an address in a private network unless set
    LOGIN = "login"  # a page that asks for a user's name and password
    COOKIE_WALL = "cookie-wall"  # a page that asks for cookies
    CHALLENGE = "challenge"  # a page of a bot wall
    ENCRYPTED_PDF = "encrypted-pdf"
    DAMAGED_PDF = "damaged-pdf"
    OTHER_PDF = "other-pdf"  # a whole PDF, of another work
    GZIP_BOMB = "gzip-bomb"  # some hundred KB, declared as gzip, that unpack to 256 MB
    STATUS = "status"  # an empty page with `status`, 451 unless set
    # What `broken_wire` makes of the proper answer.
    RESET_IN_HEAD = "reset-in-head"  # half the head, then the connection is reset
    RESET_IN_BODY = "reset-in-body"  # the head and half the body, then likewise
    STALLED_HEAD = "stalled-head"  # half the head, and never more
    STALLED_BODY = "stalled-body"  # the head and half the body, and never more
    TRICKLED_HEAD = "trickled-head"  # one header after the other, without end
    CLOSED = "closed"  # the connection closes without a word
    LONGER_LENGTH = "longer-length"  # the whole body, of which more is announced; the connection stays open
    SHORTER_LENGTH = "shorter-length"  # the whole body, of which only half is announced
    BAD_LENGTH = "bad-length"  # a negative one
    BROKEN_CHUNKS = "broken-chunks"  # in chunks whose sizes are no numbers
    CUT_CHUNKS = "cut-chunks"  # in chunks that end in the middle
    HTTP_0_9 = "http-0.9"  # the body without any head
    BIG_HEAD = "big-head"  # cookies and headers of 1 MB
    DAMAGED_GZIP = "damaged-gzip"
    CUT_GZIP = "cut-gzip"
    NO_GZIP = "no-gzip"  # declared as gzip, and not packed
    UNKNOWN_ENCODING = "unknown-encoding"  # declared as packed in a way we did not ask for
    OTHER_CHARSET = "other-charset"  # UTF-16, said to be UTF-8
    OTHER_SHAPE = "other-shape"  # 200 with JSON of another shape
    EMPTY_OBJECT = "empty-object"
    EMPTY_LIST = "empty-list"
    NULL = "null"
    HTML_AS_JSON = "html-as-json"  # a page of an error, announced as JSON
    ERROR_AS_JSON = "error-as-json"  # 200 with an error in it
    HUGE_JSON = "huge-json"  # 40 MB
    DEEP_JSON = "deep-json"  # 100,000 levels
    REDIRECT_ENDLESS = "redirect-endless"  # always on to another address
    REDIRECT_FILE = "redirect-file"  # to file:///etc/passwd
    REDIRECT_NOWHERE = "redirect-nowhere"  # without Location
    REDIRECT_NONSENSE = "redirect-nonsense"  # to what is no address
    # Of language models alone; elsewhere the proper answer is given.
    CUT_ANSWER = "cut-answer"  # half of it, and the word that it reached its greatest length
    REFUSAL = "refusal"  # the model would not
    SAFETY = "safety"  # the provider's filter would not
    RECITATION = "recitation"
    PADDED = "padded"  # white space before the body
    ERROR_INSIDE = "error-inside"  # 200 with an error in it; `status` is the one it names, 502 unless set
    FINISH_ERROR = "finish-error"  # 200 with an answer that ended in an error
    CUT_JSON = "cut-json"  # two thirds of the answer, as though that were all
    WRONG_FORM = "wrong-form"  # JSON of another form than the one asked for
    INVENTED = "invented"  # a reference that nobody printed
    INVENTED_DOI = "invented-doi"  # DOIs that do not exist
    WRONG_ORDER = "wrong-order"
    WRONG_NUMBERS = "wrong-numbers"  # entries under each other's numbers, references on wrong pages
    MISSING = "missing"  # every second one
    REWORDED = "reworded"  # in other words than those printed
    NO_SUCH_CHOICE = "no-such-choice"  # a judge names a candidate that was not among them
    WORST_CHOICE = "worst-choice"  # ... or the one that fits least
    FILE_FAILED = "file-failed"  # the upload is taken, and fails afterwards
    FILE_STUCK = "file-stuck"  # ... or is never ready
    FILE_GONE = "file-gone"  # ... or is lost at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule: which requests, how often, what goes wrong. Without a schedule it strikes always."""

    kind: FaultKind
    group: str | None = None  # a service, "publisher" or "repository"
    site: str | None = None  # one site: "publisher-3"
    call: str | None = None  # record, batch, search, pdf, landing, file
    pattern: str | None = None  # a regular expression searched in the target
    body: str | None = None  # ... and one searched in the body
    first: int | None = None  # strikes the first n matching requests
    every: int | None = None  # strikes every k-th matching request
    probability: float | None = None  # strikes by a hash of (seed, URL and what it is about, how often it was asked)
    per_url: bool = False  # `first` and `every` count for each URL by itself
    status: int | None = None
    retry_after_s: float | None = None
    as_date: bool = False
    delay_s: float = 5.0  # of SLOW, and between the pieces of DRIP; unscaled
    location: str | None = None

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Fault:
        """The rule a JSON object describes, fields by name; raises `ValueError` and `TypeError`."""
        known = {entry.name for entry in fields(cls)}
        unknown = set(item) - known
        if unknown:
            raise ValueError(f"unknown fields of a fault: {', '.join(sorted(unknown))}")
        return cls(**{**item, "kind": FaultKind(item["kind"])})


@dataclass(slots=True)
class Faults:
    """The rules in force, and how often each has been looked at."""

    seed: int
    rules: list[Fault] = field(default_factory=list)
    _seen: Tally = field(default_factory=Tally)

    def clear(self) -> None:
        """Drop all rules and counts."""
        self.rules = []
        self._seen = Tally()

    def strike(self, site: Site, call: str, target: str, *, about: str = "", body: bytes = b"") -> Fault | None:
        """The first rule that strikes this request, or None; `about` tells requests to one URL apart."""
        url = f"{site.name}{target}{about}"
        for number, rule in enumerate(self.rules):
            if _matches(rule, site, call, target, body) and self._strikes(number, rule, url):
                return rule
        return None

    def _strikes(self, number: int, rule: Fault, url: str) -> bool:
        asked = self._seen.next(f"{number}|{url}")
        if rule.probability is not None:
            return hash64(f"{self.seed}|fault {number}|{url}|{asked}") < rule.probability * 2**64
        if rule.first is None and rule.every is None:
            return True
        count = asked if rule.per_url else self._seen.next(f"{number}")
        if rule.first is not None:
            return count <= rule.first
        return rule.every is not None and count % rule.every == 0


def _matches(rule: Fault, site: Site, call: str, target: str, body: bytes) -> bool:
    return (
        (rule.group is None or rule.group == site.group)
        and (rule.site is None or rule.site == site.name)
        and (rule.call is None or rule.call == call)
        and (rule.pattern is None or re.search(rule.pattern, target) is not None)
        and (rule.body is None or re.search(rule.body.encode(), body) is not None)
    )


@dataclass(frozen=True, slots=True)
class FaultyPdfs:
    """PDFs that are not what was asked for, made from the target of the request."""

    encrypted: Callable[[str], bytes]
    damaged: Callable[[str], bytes]
    other: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Proper:
    """What a request would get without a fault: its answer, and the service's own way of saying 429."""

    answer: Callable[[], Response]
    refuse: Callable[[], Response]


def faulty(rule: Fault, request: Request, site: Site, proper: Proper, pdfs: FaultyPdfs) -> Response:
    """What the client gets instead of `proper.answer()`."""
    match rule.kind:
        case FaultKind.TOO_MANY_REQUESTS:
            usual = proper.refuse()
            kept = [header for header in usual.headers if header[0] != "retry-after"]
            return Response(429, usual.body, (*kept, *retry_after(rule)), close=usual.close)
        case FaultKind.SERVER_ERROR:
            status = rule.status or 503
            return html_response(f"<html><body><h1>{status}</h1></body></html>", retry_after(rule), status=status)
        case FaultKind.FORBIDDEN:
            return html_response(
                "<html><head><title>403 Forbidden</title></head><body>Access Denied</body></html>", status=403
            )
        case FaultKind.NOT_FOUND:
            return html_response("<html><head><title>404 Not Found</title></head><body></body></html>", status=404)
        case FaultKind.HTML:
            return html_response(
                "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please come in.</body></html>"
            )
        case FaultKind.NOT_JSON:
            return text_response("upstream connect error or disconnect/reset before headers", "application/json")
        case FaultKind.EMPTY:
            return Response(200, b"", (("content-type", _content_type(proper.answer())),))
        case FaultKind.TRUNCATED:
            whole = proper.answer()
            return Response(whole.status, whole.body[: len(whole.body) // 2], whole.headers)
        case FaultKind.WRONG_LENGTH:
            whole = proper.answer()
            return Response(whole.status, whole.body, whole.headers, manner=Manner.CUT)
        case FaultKind.DRIP:
            whole = proper.answer()
            return Response(whole.status, whole.body, whole.headers, manner=Manner.DRIP, extra_delay_s=rule.delay_s)
        case FaultKind.SLOW:
            whole = proper.answer()
            return Response(whole.status, whole.body, whole.headers, close=whole.close, extra_delay_s=rule.delay_s)
        case FaultKind.RESET:
            return Response(0, manner=Manner.RESET)
        case FaultKind.HANG:
            return Response(0, manner=Manner.HANG)
        case FaultKind.GARBAGE:
            return Response(0, b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n", close=True)
        case FaultKind.REDIRECT_LOOP:
            return Response(302, b"", (("location", request.target),))
        case FaultKind.REDIRECT_PRIVATE:
            return Response(302, b"", (("location", rule.location or "http://10.255.255.1/internal"),))
        case FaultKind.LOGIN:
            return html_response(_LOGIN)
        case FaultKind.COOKIE_WALL:
            return html_response(_COOKIES, (("set-cookie", "session=none; Path=/"),))
        case FaultKind.CHALLENGE:
            return html_response(
                _CHALLENGE, (("server", "cloudflare"), ("cf-mitigated", "challenge")), status=rule.status or 403
            )
        case FaultKind.ENCRYPTED_PDF:
            return pdf_response(pdfs.encrypted(request.target))
        case FaultKind.DAMAGED_PDF:
            return pdf_response(pdfs.damaged(request.target))
        case FaultKind.OTHER_PDF:
            return pdf_response(pdfs.other(request.target))
        case FaultKind.GZIP_BOMB:
            kind = "application/pdf" if site.group in {"publisher", "repository"} else "application/json"
            return Response(200, gzip_bomb(), (("content-type", kind), ("content-encoding", "gzip")))
        case FaultKind.STATUS:
            return html_response("<html><body></body></html>", retry_after(rule), status=rule.status or 451)
        case _:
            spoil = SPOILT.get(rule.kind.value)
            return proper.answer() if spoil is None else spoil(proper.answer(), request)


def pdf_response(body: bytes) -> Response:
    """A PDF file as hosts send it."""
    return Response(200, body, (("content-type", "application/pdf"), ("accept-ranges", "none")))


def _content_type(response: Response) -> str:
    return next((value for name, value in response.headers if name == "content-type"), "application/octet-stream")


def retry_after(rule: Fault) -> tuple[tuple[str, str], ...]:
    """The header that a rule sets, as seconds or a date; none where it sets none."""
    if rule.retry_after_s is None:
        return ()
    text = formatdate(time() + rule.retry_after_s, usegmt=True) if rule.as_date else f"{rule.retry_after_s:g}"
    return (("retry-after", text),)


@lru_cache(maxsize=1)
def gzip_bomb(megabytes: int = 256) -> bytes:
    """A valid gzip file that unpacks to so many megabytes of zeros."""
    block = bytes(1024 * 1024)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(megabytes):
        checksum = zlib.crc32(block, checksum)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush(zlib.Z_FINISH)
    size = (megabytes * len(block)) % 2**32
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return head + packed * megabytes + end + checksum.to_bytes(4, "little") + size.to_bytes(4, "little")


_LOGIN = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Log in to your account</h1>"
    '<form method="post" action="/login"><input name="username"><input type="password" name="password">'
    "<button>Sign in</button></form><p>Institutional login: Shibboleth, OpenAthens</p></body></html>"
)
_COOKIES = (
    "<!DOCTYPE html><html><head><title>Cookies required</title></head><body><p>Your browser must accept cookies "
    "to view this site. Please enable cookies and try again.</p></body></html>"
)
_CHALLENGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>'
    '<meta http-equiv="refresh" content="35"></head><body><form id="challenge-form" action="?__cf_chl_f_tk=none" '
    'method="POST"></form><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>'
)
