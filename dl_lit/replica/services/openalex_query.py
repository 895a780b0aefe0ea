"""OpenAlex's query strings: what is refused, and what the rest means.

The refusals are worded as in github.com/ourresearch/openalex-api-proxy and openalex-elastic-api (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from dl_lit.core.values import dataclass
from dl_lit.replica.wire import Response, json_response

MAX_VALUES = 100
MAX_PER_PAGE = 200
MAX_RESULTS = 10_000
_MAX_SEARCH_CHARACTERS = 1_500

SEARCH_FILTERS = frozenset(
    {
        "title.search",
        "display_name.search",
        "default.search",
        "title_and_abstract.search",
        "title_and_abstract.search.exact",
        "default.search.exact",
        "title.search.exact",
        "title.search.no_stem",
    }
)
VALUE_FILTERS = frozenset(
    {
        "doi",
        "openalex",
        "openalex_id",
        "ids.openalex",
        "ids.pmid",
        "ids.pmcid",
        "pmid",
        "pmcid",
        "cited_by",
        "cites",
        "publication_year",
        "from_publication_date",
        "to_publication_date",
        "language",
        "type",
        "is_oa",
        "open_access.is_oa",
        "open_access.oa_status",
        "has_doi",
        "is_retracted",
        "locations.landing_page_url",
    }
)
FILTERS = SEARCH_FILTERS | VALUE_FILTERS
SORTS = frozenset({"relevance_score", "cited_by_count", "publication_date", "publication_year", "display_name"})
_SEARCH_PARAMETERS = {
    "search": "default.search",
    "search.title": "title.search",
    "search.title_and_abstract": "title_and_abstract.search",
    "search.exact": "default.search.exact",
    "search.title.exact": "title.search.exact",
    "search.title_and_abstract.exact": "title_and_abstract.search.exact",
}
_PARAMETERS = frozenset(
    {
        *_SEARCH_PARAMETERS,
        "filter",
        "select",
        "page",
        "per_page",
        "per-page",
        "cursor",
        "sort",
        "sample",
        "seed",
        "mailto",
        "api_key",
        "include_xpac",
    }
)
_SEGMENT = re.compile(r"^-?[a-z_]+(?:\.[a-z_]+)*(?::|%3A)", re.IGNORECASE)
_ENCODED_SEPARATOR = re.compile(
    r",(?=(?:" + "|".join(re.escape(name) for name in sorted(FILTERS, reverse=True)) + "):)"
)


class Refused(Exception):
    """The query is answered with 400; `response` says what OpenAlex says."""

    def __init__(self, response: Response) -> None:
        """Keep the response."""
        super().__init__(response.body.decode())
        self.response = response


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter: any of its values will do."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A list request."""

    conditions: tuple[Condition, ...]  # those that search included
    select: tuple[str, ...]  # empty: all fields
    page: int
    per_page: int
    cursor: str | None  # as sent; "*" begins
    sample: int | None
    sort: tuple[tuple[str, bool], ...] = ()  # fields, each with whether it falls

    @property
    def searches(self) -> bool:
        """Whether it costs what a search costs."""
        return any(condition.name in SEARCH_FILTERS for condition in self.conditions)


def _invalid(message: str) -> Refused:
    return Refused(json_response({"error": "Invalid query parameters error.", "message": message}, status=400))


def _edge(reject: str, message: str, error: str = "Invalid request rejected at the API edge") -> Refused:
    body = {"error": error, "error_source": "openalex-api-proxy", "message": message}
    return Refused(json_response(body, (("x-openalex-edge-reject", reject),), status=400))


def parse_query(raw_query: str) -> Query:
    """What a list request's query string asks for; raises `Refused`."""
    pairs = [part.partition("=") for part in raw_query.split("&") if part]
    raw = {unquote_plus(name): value for name, _, value in pairs}
    if len(raw) < len(pairs):
        raise _edge("f1:duplicate_param", "A parameter is given more than once. Combine several filters with commas.")
    if "limit" in raw:
        raise _edge(
            "f1:limit_param",
            "The 'limit' parameter is not valid. Did you mean 'per-page'? e.g. /works?search=foo&per-page=5",
        )
    unknown = next((name for name in raw if name not in _PARAMETERS), None)
    if unknown is not None:
        valid = ", ".join(sorted(_PARAMETERS - {"api_key", "mailto"}))
        raise _invalid(f"{unknown} is not a valid parameter. Valid parameters are: {valid}.")
    conditions = list(_conditions(raw.get("filter", "")))
    for name, field in _SEARCH_PARAMETERS.items():
        text = unquote_plus(raw.get(name, ""))
        if text:
            _check_search(text, "search", field)
            conditions.append(Condition(field, (text,)))
    page, per_page = _number(raw, "page", 1), _per_page(raw)
    if page * per_page > MAX_RESULTS and "cursor" not in raw:
        raise _invalid(
            "Maximum results size of 10,000 records is exceeded. Cursor pagination is required for records "
            "beyond 10,000. Read more at: https://docs.openalex.org/how-to-use-the-api/get-lists-of-entities/paging#cursor-paging"
        )
    return Query(
        conditions=tuple(conditions),
        select=parse_select(raw.get("select", "")),
        page=page,
        per_page=per_page,
        cursor=unquote_plus(raw["cursor"]) if "cursor" in raw else None,
        sample=_number(raw, "sample", 0) or None,
        sort=tuple(_sort(unquote_plus(raw.get("sort", "")), is_search=any(name in _SEARCH_PARAMETERS for name in raw))),
    )


def _sort(raw: str, *, is_search: bool) -> Iterator[tuple[str, bool]]:
    for part in filter(None, (piece.strip() for piece in raw.split(","))):
        field, _, direction = part.partition(":")
        if field not in SORTS or direction not in {"", "asc", "desc"}:
            raise _invalid(f"{part} is not a valid sort. Valid fields are: {', '.join(sorted(SORTS))}.")
        if field == "relevance_score" and not is_search:
            raise _invalid("Must include a search query (such as ?search=example) in order to sort by relevance_score.")
        yield field, direction == "desc"


def parse_select(raw: str) -> tuple[str, ...]:
    """The root-level fields asked for."""
    return tuple(name for name in unquote_plus(raw).split(",") if name)


def invalid_select(name: str, valid: list[str]) -> Response:
    """The answer to a field that does not exist at root level."""
    text = f"{name} is not a valid select field. Valid fields for select are: {', '.join(valid)}."
    return json_response({"error": "Invalid query parameters error.", "message": text}, status=400)


def _per_page(raw: dict[str, str]) -> int:
    name = "per_page" if "per_page" in raw else "per-page"
    per_page = _number(raw, name, 25)
    if not 1 <= per_page <= MAX_PER_PAGE:
        raise _invalid(f"per-page parameter must be between 1 and {MAX_PER_PAGE}.")
    return per_page


def _number(raw: dict[str, str], name: str, usual: int) -> int:
    text = raw.get(name)
    if text is None:
        return usual
    if not text.isdigit():
        raise _invalid(f"{name} parameter must be a number. Value is {text}.")
    return int(text)


def _segments(raw: str) -> list[str]:
    """A filter parameter's parts, decoded: split at raw commas outside quotes, or at encoded ones before a filter."""
    parts: list[str] = []
    quoted = False
    current = ""
    for piece in re.split(r'(,|"|%22)', raw):
        if piece == "," and not quoted:
            parts.append(current)
            current = ""
            continue
        quoted = quoted != (piece in {'"', "%22"})
        current += piece
    parts.append(current)
    for part in parts[1:]:
        if not _SEGMENT.match(part):
            raise _edge(
                "f1:raw_comma_filter",
                "A filter value contains an unescaped comma. Commas separate filters, so a literal comma inside a "
                "value must be percent-encoded as %2C (or the whole value wrapped in double quotes). "
                "e.g. filter=title.search:climate%2C+biodiversity",
            )
    return [found for part in parts for found in _ENCODED_SEPARATOR.split(unquote_plus(part))]


def _conditions(raw: str) -> list[Condition]:
    if not raw:
        return []
    found = []
    for segment in _segments(raw):
        name, colon, value = segment.partition(":")
        name = name.strip().replace("-", "_")
        if not colon:
            raise _invalid(f"Filter parameter must be in the form filter=field:value. Problem value: {segment}")
        if name not in FILTERS:
            valid = ", ".join(sorted(FILTERS))
            raise _invalid(
                f"{name} is not a valid field. Valid fields are underscore or hyphenated versions of: {valid}."
            )
        if name in SEARCH_FILTERS:
            _check_search(value, "filter", name)
            found.append(Condition(name, (value,)))
            continue
        values = tuple(part.strip() for part in value.split("|") if part.strip())
        if len(values) > MAX_VALUES:
            raise _invalid(
                f"Maximum number of values exceeded for {name}. Decrease values to {MAX_VALUES} or below, or consider "
                "downloading the full dataset at https://developers.openalex.org/download/snapshot-format"
            )
        found.append(Condition(name, values))
    return found


def _check_search(text: str, where: str, field: str) -> None:
    if len(text) > _MAX_SEARCH_CHARACTERS:
        raise _edge(
            "search_volume",
            f"Your search is too long ({len(text)} characters; the limit is {_MAX_SEARCH_CHARACTERS}). Very long "
            "pasted-text or Boolean searches are disproportionately expensive. Get an API key on a paid plan for large "
            "searches, or split the text into several shorter requests. See https://openalex.org/pricing",
            "Search query too long",
        )
    if "|" in text:
        raise _invalid(f"The search parameter does not support the | operator. Problem value: {text}")
    if text.startswith("!"):
        raise _invalid(f"The search parameter does not support the ! operator. Problem value: {text}")
    if ("*" in text or "?" in text) and not field.endswith(("exact", "no_stem")):
        exact = f"{field}.exact"
        raise _invalid(
            f'Wildcards (* or ?) require the exact (no-stem) field. "{field}" is stemmed, so the literal text before '
            "the wildcard is removed when the work is indexed and the search returns wrong results. "
            f'Use "{exact}" instead, e.g. {exact}:{text}.'
        )
    del where


def decoded_url(target: str) -> str:
    """The request as `meta.x_query.url` repeats it."""
    return unquote(target)
