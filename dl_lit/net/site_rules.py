"""What each host asks of programs, asked for once a day and remembered: robots.txt and tdmrep.json. Makes no requests.

Whoever fetches asks `SiteRulebook.question` what is still to be asked of a host, asks it in the host's own turn, and
hands in what came of it. Caching and silence go by https://www.rfc-editor.org/rfc/rfc9309#section-2.3.1 and 2.4.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import field, replace
from urllib.parse import urljoin, urlsplit

import msgspec

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.memory import AnswerCache, ToKeep
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.reservations import WELL_KNOWN, Reservation, Reservations, read_tdmrep
from dl_lit.net.robots import EVERYTHING_ALLOWED, RobotsRules, read_robots
from dl_lit.net.url_patterns import path_of

ROBOTS = "/robots.txt"
CRAWL_DELAY_MOST_S = 60.0
"""A host that asks for more rest between two requests is given so much: an hour would mean never."""

FRESH_S = 86_400.0
"""Rules are used for no longer: section 2.4."""

SILENT_MOST_S = 30 * 86_400.0
"""A host whose robots.txt cannot be had for longer has none, or keeps the old one: section 2.3.1.4."""

CACHED_AS = "robots"
"""What they go by in the cache, beside the services."""

MAX_REDIRECTS = 5  # of robots.txt, section 2.3.1.2
_AGAIN_S = 600.0  # after an error of the host's
_RECONNECT_S = 60.0  # after no answer at all, which may be the fault of our own network
_REMEMBERED = 100_000  # rules in memory, of all hosts together; the cache on disk has its own bounds
_RULES_OF_NONE = 20  # what a host without any counts for


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What one host asks of programs. Times are seconds since the epoch."""

    robots: RobotsRules | None = None  # None: never told so far
    robots_at: float = 0.0  # when they were told
    robots_until: float = 0.0  # not asked again before
    silent_since: float | None = None  # robots.txt could not be had since then; None: it could the last time
    silence: str = ""  # why, a word of `core.reasons`
    silence_detail: str = ""
    reservations: Reservations = field(default_factory=Reservations)
    reservations_until: float = 0.0

    @property
    def size(self) -> int:
        """How many rules there are, for keeping within bounds."""
        return _RULES_OF_NONE + len(self.robots.rules if self.robots else ()) + len(self.reservations.rules)

    def gap_s(self, most_s: float) -> float:
        """Seconds between two requests that the host asks for, at most `most_s`; 0 where it does not."""
        delay_s = self.robots.crawl_delay_s if self.robots is not None else None
        return min(most_s, delay_s or 0.0)


_decode = msgspec.msgpack.Decoder(SiteRules).decode


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked of a host next."""

    host: str
    url: str  # the file's address, or where redirects have led
    is_robots: bool
    redirects: int = 0


class SiteRulebook:
    """The rules of all hosts met. Thread-safe; a host is its name and port, whatever the scheme."""

    def __init__(
        self, clock: Clock, cache: AnswerCache | None = None, *, crawl_delay_most_s: float = CRAWL_DELAY_MOST_S
    ) -> None:
        """Remember in `cache`, for other processes and later runs, where there is one."""
        self._clock = clock
        self._cache = cache
        self._most_s = crawl_delay_most_s
        self._sites: OrderedDict[str, SiteRules] = OrderedDict()
        self._size = 0
        self._led_on: dict[str, Question] = {}
        self._lock = threading.Lock()

    def gap_s(self, host: str) -> float:
        """Seconds between two requests to the host that it asks for; 0 where nothing is known of that."""
        return self._known(host).gap_s(self._most_s)

    def question(self, host: str, target: str) -> Question | None:
        """What must be asked before `target` at `host` may be; None where everything is known.

        Raises `FetchError` while the host's robots.txt cannot be had: everything is forbidden then.
        """
        site, now = self._known(host), self._clock.time()
        if site.robots_until <= now:
            return self._led_on.get(host) or Question(host, urljoin(_origin(target), ROBOTS), is_robots=True)
        if site.robots is None:
            detail = f"{ROBOTS.strip('/')}: {site.silence_detail}"
            raise FetchError(Reason(site.silence), detail[:200], after=site.robots_until - now)
        if not site.robots.allows(path_of(target)):
            raise FetchError(Reason.BLOCKED_ROBOTS, "robots.txt asks programs to stay away")
        if site.reservations_until <= now:
            return Question(host, urljoin(_origin(target), WELL_KNOWN), is_robots=False)
        return None

    def reservation(self, host: str, target: str) -> Reservation | None:
        """What the host's file says of mining `target`; None where it says nothing."""
        return self._known(host).reservations.of(path_of(target))

    def answered(self, question: Question, status: int, body: bytes) -> None:
        """The host answered, finally: `body` counts where `status` is 200."""
        if not question.is_robots:
            self._reserved(question, read_tdmrep(body) if status == 200 else Reservations(), FRESH_S)
        elif status >= 500:
            self.silent(question, Reason.HTTP_5XX, f"HTTP {status}", _AGAIN_S)
        else:
            self._told(question, read_robots(body) if status == 200 else EVERYTHING_ALLOWED)

    def led_on(self, question: Question, url: str) -> None:
        """The host redirects to `url`, which is asked next; beyond the fifth time it has no such file."""
        if not question.is_robots:
            self._reserved(question, Reservations(), FRESH_S)
        elif question.redirects >= MAX_REDIRECTS:
            self._told(question, EVERYTHING_ALLOWED)
        else:
            with self._lock:
                self._led_on[question.host] = replace(question, url=url, redirects=question.redirects + 1)

    def silent(self, question: Question, reason: Reason, detail: str, again_s: float = _RECONNECT_S) -> None:
        """The host gave no answer that counts: old rules go on, without any everything is forbidden for a while."""
        if not question.is_robots:
            self._reserved(question, Reservations(), again_s)
            return
        now, site = self._clock.time(), self._known(question.host)
        robots, since = site.robots, site.silent_since if site.silent_since is not None else now
        if robots is None and now - since >= SILENT_MOST_S:
            self._told(question, EVERYTHING_ALLOWED)
            return
        self._keep(
            question.host,
            replace(
                site,
                robots=robots,
                robots_until=now + again_s,
                silent_since=since,
                silence=reason.value,
                silence_detail=detail,
            ),
        )

    def _told(self, question: Question, robots: RobotsRules) -> None:
        now = self._clock.time()
        site = replace(
            self._known(question.host),
            robots=robots,
            robots_at=now,
            robots_until=now + FRESH_S,
            silent_since=None,
            silence="",
            silence_detail="",
        )
        self._keep(question.host, site)

    def _reserved(self, question: Question, reservations: Reservations, for_s: float) -> None:
        until = self._clock.time() + for_s
        site = replace(self._known(question.host), reservations=reservations, reservations_until=until)
        self._keep(question.host, site)

    def _known(self, host: str) -> SiteRules:
        with self._lock:
            site = self._sites.get(host)
            if site is not None:
                self._sites.move_to_end(host)
        if site is None or min(site.robots_until, site.reservations_until) <= self._clock.time():
            site = _latest(site or SiteRules(), self._recalled(host))  # another process may have asked meanwhile
            self._take_in(host, site)
        return site

    def _recalled(self, host: str) -> SiteRules | None:
        if self._cache is None:
            return None
        kept = self._cache.get_many(CACHED_AS, [host]).get(host)
        try:
            return None if kept is None or kept.body is None else _decode(kept.body)
        except (msgspec.MsgspecError, ValueError):
            return None  # another version's

    def _keep(self, host: str, site: SiteRules) -> None:
        with self._lock:
            self._led_on.pop(host, None)
        self._take_in(host, site)
        if self._cache is not None:
            expires_at = self._clock.time() + SILENT_MOST_S
            self._cache.put_many(CACHED_AS, [ToKeep(host, msgspec.msgpack.encode(site), expires_at)])

    def _take_in(self, host: str, site: SiteRules) -> None:
        with self._lock:
            self._size += site.size - (self._sites[host].size if host in self._sites else 0)
            self._sites[host] = site
            self._sites.move_to_end(host)
            while self._size > _REMEMBERED and len(self._sites) > 1:
                oldest, gone = self._sites.popitem(last=False)
                self._size -= gone.size
                self._led_on.pop(oldest, None)


def _latest(ours: SiteRules, kept: SiteRules | None) -> SiteRules:
    """What was told last of each; what is kept may be old where it could not be written."""
    if kept is None:
        return ours
    newer = kept if kept.robots_until > ours.robots_until else ours
    other = kept if kept.reservations_until > ours.reservations_until else ours
    return replace(newer, reservations=other.reservations, reservations_until=other.reservations_until)


def _origin(target: str) -> str:
    parts = urlsplit(target)
    return f"{parts.scheme}://{parts.netloc}/"
