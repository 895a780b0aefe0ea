"""Resolvers of the user's own choice: asked as politely as services, their answers read by a path or a selector."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser

from dl_lit.core.access import Resolver
from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.json_path import parse_json_path, select
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.templates import filled, placeholders
from stages.answers import NOT_FOUND

_MOST = 5  # copies that one answer may name
_LONGEST = 300  # characters of a title


def is_worth_asking(resolver: Resolver, work: Work) -> bool:
    """Whether the work has all that the address names, and is of a kind it is asked for."""
    if resolver.types and work.type.value not in resolver.types:
        return False
    values = _values(work)
    return all(values[name] for name in placeholders(resolver.url))


def locate(calls: ServiceCalls, resolver: Resolver, work: Work) -> tuple[Location, ...]:
    """Ask for the copies of a work. Raises `ServiceError`."""
    url = filled(resolver.url, {name: quote(value or "", safe="") for name, value in _values(work).items()})
    parts = urlsplit(url)
    answer = calls.get(resolver.service, parts.path or "/", parse_qsl(parts.query, keep_blank_values=True))
    return () if answer.status == NOT_FOUND else parse(answer.body, answer.url, resolver, work)


def parse(body: bytes, url: str, resolver: Resolver, work: Work) -> tuple[Location, ...]:
    """Read the answer that came from `url`: the copies it names, unless it says that it is of another DOI.

    Raises `ServiceError` for what is no JSON though it should be.
    """
    links, dois = _of_json(body, resolver) if resolver.mode == "json" else _of_html(body, resolver)
    if resolver.doi and work.doi not in {normalise_doi(one) for one in dois}:
        return ()
    each = dict.fromkeys(address for link in links if (address := _absolute(url, link)))
    return tuple(
        Location(
            url=address,
            is_pdf=resolver.is_pdf,
            host_type=resolver.host_type,
            version=resolver.version,
            found_by=resolver.service,
        )
        for address in list(each)[:_MOST]
    )


def _values(work: Work) -> dict[str, str | None]:
    return {
        "doi": work.doi,
        "pmid": work.pmid,
        "pmcid": work.pmcid,
        "arxiv": work.arxiv_id,
        "isbn": work.isbn,
        "title": work.title[:_LONGEST],
    }


def _of_json(body: bytes, resolver: Resolver) -> tuple[list[str], list[str]]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(resolver.service, Reason.BAD_ANSWER, f"no JSON: {error}"[:200]) from error
    dois = select(document, parse_json_path(resolver.doi)) if resolver.doi else []
    return select(document, parse_json_path(resolver.path)), dois


def _of_html(body: bytes, resolver: Resolver) -> tuple[list[str], list[str]]:
    page = LexborHTMLParser(body.decode("utf-8", errors="replace"))
    dois = [text for node in page.css(resolver.doi) for text in _told(node)] if resolver.doi else []
    nodes = page.css(resolver.selector)
    if resolver.attribute == "text":
        return [node.text(strip=True) for node in nodes], dois
    return [value for node in nodes if (value := node.attributes.get(resolver.attribute))], dois


def _told(node: object) -> Iterator[str]:
    """What an element may say a DOI in: its text, its address, its content."""
    attributes = getattr(node, "attributes", {})
    yield from (value for name in ("content", "href") if (value := attributes.get(name)))
    yield getattr(node, "text", str)()


def _absolute(page: str, link: str) -> str | None:
    """The whole address; `None` for what leads nowhere on the web."""
    try:
        address = urljoin(page, link.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.hostname else None
