"""Crossref's parameters: what is refused, and which works the filters mean."""

from __future__ import annotations

from collections.abc import Callable

from dl_lit.replica.records import Record, normal_doi, words
from dl_lit.replica.services.crossref_works import SELECTABLE

_FILTERS = frozenset(
    {
        "doi",
        "type",
        "prefix",
        "from-pub-date",
        "until-pub-date",
        "has-references",
        "isbn",
        "container-title",
        "is-update",
        "updates",
        "update-type",
    }
)


class Invalid(Exception):
    """A parameter Crossref refuses with 400."""

    def __init__(self, kind: str, value: str, message: str) -> None:
        """Keep the body of the answer."""
        super().__init__(message)
        self.body = {
            "status": "failed",
            "message-type": "validation-failure",
            "message": [{"type": kind, "value": value, "message": message}],
        }


def by_author(pairs: list[tuple[float, Record]], author: str) -> list[tuple[float, Record]]:
    """Works one of whose authors' names shares a word with `author` rank before the others."""
    wanted = set(words(author))

    def fits(record: Record) -> bool:
        return any(wanted & set(words(person.family)) for person in record.authors)

    return sorted(pairs, key=lambda pair: (not fits(pair[1]), -pair[0]))


def parse_filters(text: str) -> dict[str, list[str]]:
    """The values of each filter; raises `Invalid` for one the route does not have."""
    found: dict[str, list[str]] = {}
    for part in text.split(","):
        if not part:
            continue
        name, colon, value = part.partition(":")
        if not colon or name not in _FILTERS:
            valid = ", ".join(sorted(_FILTERS))
            raise Invalid(
                "filter-not-available",
                name,
                f"Filter '{name}' specified but there is no such filter for this route. "
                f"Valid filters for this route are: {valid}",
            )
        found.setdefault(name, []).append(normal_doi(value) if name in {"doi", "updates"} else value)
    return found


def meets(record: Record, filters: dict[str, list[str]]) -> bool:
    """Whether the record has one of the values of every filter."""
    year = str(record.year or "")
    actual: dict[str, Callable[[str], bool]] = {
        "doi": lambda value: record.doi == value,
        "type": lambda value: record.type == value,
        "prefix": lambda value: record.prefix == value,
        "from-pub-date": lambda value: year >= value[:4],
        "until-pub-date": lambda value: bool(year) and year <= value[:4],
        "has-references": lambda value: bool(record.references) == (value != "false"),
        "isbn": lambda value: record.isbn == value.replace("-", ""),
        "container-title": lambda value: record.container == value,
        "is-update": lambda value: bool(record.updates) == (value != "false"),
        "updates": lambda value: any(update.doi == value for update in record.updates),
        "update-type": lambda value: any(update.type == value for update in record.updates),
    }
    return all(any(actual[name](value) for value in values) for name, values in filters.items())


def integer(params: dict[str, str], name: str, usual: int, most: int) -> int:
    """A parameter that must be a number up to `most`; raises `Invalid`."""
    text = params.get(name)
    if text is None:
        return usual
    if not text.isdigit() or int(text) > most:
        message = f"Integer specified as {text} but must be a positive integer less than or equal to {most}. "
        raise Invalid("integer-not-valid", text, message)
    return int(text)


def check_select(select: tuple[str, ...]) -> None:
    """Raise `Invalid` for a field that cannot be selected."""
    for name in select:
        if name not in SELECTABLE:
            valid = ", ".join(sorted(SELECTABLE))
            message = f"Select {name} specified but there is no such select for this route. "
            raise Invalid("select-not-available", name, f"{message}Valid selects for this route are: {valid}")
