"""Why something ended as it did: a closed vocabulary, each word with its class, which decides the retry.

A word is never reworded once released: it is stored per attempt, counted, exported and documented
(`docs/reasons.md`; a test keeps the two in step).
"""

from __future__ import annotations

from enum import StrEnum


class ReasonClass(StrEnum):
    """What kind of ending a reason is; it decides whether and when the item is tried again."""

    SUCCESS = "success"
    INPUT = "input"  # the file that was handed in; a person must act
    NOTHING = "nothing"  # nothing to find or fetch
    REVIEW = "review"  # abstained; a person may decide
    PAGE = "page"  # a landing page that led nowhere
    WALL = "wall"  # a login, a paywall, a challenge: never dodged
    CONTENT = "content"  # bytes came, but not the right ones: next location
    TRANSIENT = "transient"  # may pass: back-off
    BUDGET = "budget"  # comes back at the reset, costs no attempt
    PERMANENT = "permanent"  # the address will not work
    OURS = "ours"  # our disk, our bug


class Reason(StrEnum):
    """One word per ending."""

    # success
    OK = "ok"
    OK_ACCEPTED_VERSION = "ok-accepted-version"
    OK_PREPRINT = "ok-preprint"
    OK_UNVERIFIED = "ok-unverified"
    DUPLICATE = "duplicate"
    # extraction
    NOT_A_PDF = "not-a-pdf"
    EMPTY_FILE = "empty-file"
    DAMAGED_PDF = "damaged-pdf"
    ENCRYPTED_PDF = "encrypted-pdf"
    NO_TEXT_LAYER = "no-text-layer"
    GARBLED_TEXT = "garbled-text"
    NO_REFERENCES_FOUND = "no-references-found"
    TOO_LARGE = "too-large"
    PARSE_TIMEOUT = "parse-timeout"
    PARSE_MEMORY = "parse-memory"
    PARSER_CRASHED = "parser-crashed"
    UNREADABLE_FILE = "unreadable-file"
    VANISHED = "vanished"
    # enrichment
    NO_MATCH = "no-match"
    AMBIGUOUS_MATCH = "ambiguous-match"
    NOT_A_WORK = "not-a-work"
    VETOED = "vetoed"
    SERVICE_DOWN = "service-down"
    RATE_LIMITED = "rate-limited"
    BAD_ANSWER = "bad-answer"
    BUDGET_EXHAUSTED = "budget-exhausted"
    OFFLINE = "offline"
    NOT_SET_UP = "not-set-up"
    # download: nothing to fetch
    NO_OA_LOCATION = "no-oa-location"
    NO_IDENTIFIER = "no-identifier"
    NOT_A_DOCUMENT = "not-a-document"
    EMBARGOED = "embargoed"
    # download: page problems
    NO_PDF_LINK = "no-pdf-link"
    LINK_LOOP = "link-loop"
    REDIRECT_LOOP = "redirect-loop"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    BAD_REDIRECT = "bad-redirect"
    LANDING_ONLY = "landing-only"
    JS_ONLY_PAGE = "js-only-page"
    # download: walls
    BLOCKED_LOGIN = "blocked-login"
    BLOCKED_PAYWALL = "blocked-paywall"
    BLOCKED_COOKIE = "blocked-cookie"
    BLOCKED_CAPTCHA = "blocked-captcha"
    BLOCKED_FORBIDDEN = "blocked-forbidden"
    BLOCKED_ROBOTS = "blocked-robots"
    SKIP_POLICY = "skip-policy"
    # download: wrong content
    WRONG_MIMETYPE = "wrong-mimetype"
    HTML_AS_PDF = "html-as-pdf"
    EMPTY_BODY = "empty-body"
    TRUNCATED = "truncated"
    BAD_ENCODING = "bad-encoding"
    PREVIEW_ONLY = "preview-only"
    SUPPLEMENT_ONLY = "supplement-only"
    WRONG_WORK = "wrong-work"
    NEEDS_REVIEW = "needs-review"
    # download: transient
    TIMEOUT_CONNECT = "timeout-connect"
    TIMEOUT_READ = "timeout-read"
    DNS_ERROR = "dns-error"
    TLS_ERROR = "tls-error"
    CONNECTION_RESET = "connection-reset"
    HTTP_429 = "http-429"
    HTTP_5XX = "http-5xx"
    HOST_PARKED = "host-parked"
    HOST_BUSY = "host-busy"
    # download: permanent HTTP
    HTTP_404 = "http-404"
    HTTP_410 = "http-410"
    HTTP_401 = "http-401"
    HTTP_4XX = "http-4xx"
    INVALID_URL = "invalid-url"
    UNSAFE_URL = "unsafe-url"
    # ours
    DISK_FULL = "disk-full"
    WRITE_ERROR = "write-error"
    POISON = "poison"
    INTERNAL_ERROR = "internal-error"

    @property
    def category(self) -> ReasonClass:
        """The class that decides the retry rule."""
        return _CLASS[self]

    @property
    def is_transient(self) -> bool:
        """Whether trying the same thing later can help by itself."""
        return self.category in _TRANSIENT


_MEMBERS: dict[ReasonClass, tuple[Reason, ...]] = {
    ReasonClass.SUCCESS: (
        Reason.OK,
        Reason.OK_ACCEPTED_VERSION,
        Reason.OK_PREPRINT,
        Reason.OK_UNVERIFIED,
        Reason.DUPLICATE,
    ),
    ReasonClass.INPUT: (
        Reason.NOT_A_PDF,
        Reason.EMPTY_FILE,
        Reason.GARBLED_TEXT,
        Reason.NO_REFERENCES_FOUND,
        Reason.PARSE_TIMEOUT,
        Reason.PARSE_MEMORY,
        Reason.UNREADABLE_FILE,
        Reason.VANISHED,
    ),
    ReasonClass.NOTHING: (
        Reason.NO_MATCH,
        Reason.NOT_A_WORK,
        Reason.NO_OA_LOCATION,
        Reason.NO_IDENTIFIER,
        Reason.NOT_A_DOCUMENT,
        Reason.EMBARGOED,
    ),
    ReasonClass.REVIEW: (Reason.AMBIGUOUS_MATCH, Reason.VETOED, Reason.NEEDS_REVIEW),
    ReasonClass.PAGE: (
        Reason.NO_PDF_LINK,
        Reason.LINK_LOOP,
        Reason.REDIRECT_LOOP,
        Reason.TOO_MANY_REDIRECTS,
        Reason.BAD_REDIRECT,
        Reason.LANDING_ONLY,
        Reason.JS_ONLY_PAGE,
    ),
    ReasonClass.WALL: (
        Reason.BLOCKED_LOGIN,
        Reason.BLOCKED_PAYWALL,
        Reason.BLOCKED_COOKIE,
        Reason.BLOCKED_CAPTCHA,
        Reason.BLOCKED_FORBIDDEN,
        Reason.BLOCKED_ROBOTS,
        Reason.SKIP_POLICY,
    ),
    ReasonClass.CONTENT: (
        Reason.DAMAGED_PDF,
        Reason.ENCRYPTED_PDF,
        Reason.NO_TEXT_LAYER,
        Reason.TOO_LARGE,
        Reason.WRONG_MIMETYPE,
        Reason.HTML_AS_PDF,
        Reason.EMPTY_BODY,
        Reason.TRUNCATED,
        Reason.BAD_ENCODING,
        Reason.PREVIEW_ONLY,
        Reason.SUPPLEMENT_ONLY,
        Reason.WRONG_WORK,
    ),
    ReasonClass.TRANSIENT: (
        Reason.PARSER_CRASHED,
        Reason.SERVICE_DOWN,
        Reason.RATE_LIMITED,
        Reason.BAD_ANSWER,
        Reason.OFFLINE,
        Reason.NOT_SET_UP,
        Reason.TIMEOUT_CONNECT,
        Reason.TIMEOUT_READ,
        Reason.DNS_ERROR,
        Reason.TLS_ERROR,
        Reason.CONNECTION_RESET,
        Reason.HTTP_429,
        Reason.HTTP_5XX,
        Reason.HOST_PARKED,
        Reason.HOST_BUSY,
    ),
    ReasonClass.BUDGET: (Reason.BUDGET_EXHAUSTED,),
    ReasonClass.PERMANENT: (
        Reason.HTTP_404,
        Reason.HTTP_410,
        Reason.HTTP_401,
        Reason.HTTP_4XX,
        Reason.INVALID_URL,
        Reason.UNSAFE_URL,
    ),
    ReasonClass.OURS: (Reason.DISK_FULL, Reason.WRITE_ERROR, Reason.POISON, Reason.INTERNAL_ERROR),
}

_CLASS: dict[Reason, ReasonClass] = {reason: cls for cls, reasons in _MEMBERS.items() for reason in reasons}

_TRANSIENT = frozenset({ReasonClass.TRANSIENT, ReasonClass.BUDGET, ReasonClass.OURS})

NEEDS_REVIEW = frozenset({Reason.AMBIGUOUS_MATCH, Reason.NEEDS_REVIEW})
"""Rejections that a person may turn into a success: counted apart as `needs_review`."""
