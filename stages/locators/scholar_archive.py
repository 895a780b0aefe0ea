"""Internet Archive Scholar: papers preserved from the web, by the page of a release.

Read 2026-11-23: https://scholar.archive.org/ and https://guide.fatcat.wiki/ (`/fatcat/release/lookup?doi=` leads to the
release's page, a 404 says that there is none; the page names the copy in `citation_pdf_url`, where one is kept). The
JSON interface, api.fatcat.wiki, has not answered since 2026.
"""

from __future__ import annotations

from html.parser import HTMLParser

from dl_lit.core.errors import ServiceError
from dl_lit.core.markup import tamed
from dl_lit.core.model import HostType, Location, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import NOT_FOUND
from stages.locators.same_work import Told, dois_in, is_same_work, year_in
from stages.locators.settings import LocatorSettings

SERVICE = "scholar_archive"
# What stands in the title of the page that lets nobody through but browsers; it is never solved.
_CHALLENGES = ("session verification", "just a moment", "not a bot", "access denied")
_NO_PAPERS = frozenset({WorkType.BOOK, WorkType.DATASET, WorkType.SOFTWARE})
_MOST_PDFS = 3


class _Page(HTMLParser):
    """The title and the citation tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.tags: dict[str, list[str]] = {}
        self._is_in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_in_title = tag == "title" and not self.title
        told = dict(attrs)
        name, content = (told.get("name") or "").lower(), (told.get("content") or "").strip()
        if tag == "meta" and name.startswith("citation_") and content:
            self.tags.setdefault(name, []).append(content)

    def handle_data(self, data: str) -> None:
        if self._is_in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._is_in_title = self._is_in_title and tag != "title"

    def first(self, name: str) -> str | None:
        """The first value of a tag; None without one."""
        return next(iter(self.tags.get(name, [])), None)


def parse(body: bytes) -> tuple[Told, tuple[Location, ...]]:
    """Read a release's page: what it says it is, and its copies.

    Raises `ServiceError`: `service-down` for a challenge, `bad-answer` for a page that describes nothing.
    """
    page = _Page()
    page.feed(
        tamed(body.decode("utf-8", errors="replace"))
    )  # as it is, the parser gives up at a "<![" it does not know
    page.close()
    if any(word in page.title.lower() for word in _CHALLENGES):
        raise ServiceError(SERVICE, Reason.SERVICE_DOWN, "a challenge for browsers instead of the page")
    if not page.tags:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "a page that describes no work")
    told = Told(
        title=page.first("citation_title"),
        people=tuple(page.tags.get("citation_author", [])),
        year=year_in(page.first("citation_publication_date")),
        dois=dois_in(page.tags.get("citation_doi", [])),
    )
    urls = [url for url in page.tags.get("citation_pdf_url", []) if url.startswith(("https://", "http://"))]
    copies = (Location(url=url, host_type=HostType.REPOSITORY, found_by=SERVICE) for url in urls[:_MOST_PDFS])
    return told, tuple(copies)


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Look the release up by DOI. Raises `ServiceError`."""
    del settings
    answer = calls.get(SERVICE, "/fatcat/release/lookup", [("doi", work.doi or "")], headers={"Accept": "text/html"})
    if answer.status == NOT_FOUND:
        return ()
    told, found = parse(answer.body)
    return found if is_same_work(work, told) else ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For papers with a DOI."""
    del known
    return bool(work.doi) and work.type not in _NO_PAPERS
