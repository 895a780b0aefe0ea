"""Records as catalogues dump them, and the strings that cite them: clean, and as print and recognition damage them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.workload import Workload

Record = dict[str, Any]

_MISREAD = {"m": "rn", "l": "1", "o": "0", "e": "c", "h": "b", "i": "l", "a": "o", "u": "ii", "t": "r", "n": "u"}
_TYPES = {"proceedings-article": "proceedings-article", "book": "book", "book-chapter": "book-chapter"}


def universe(path: Path, limit: int) -> list[Record]:
    """At most `limit` records of a file of JSON lines, evenly spread over it; those without a title are left out."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [record for line in file if (record := json.loads(line)).get("title")]
    if len(records) <= limit:
        return records
    return [records[at * len(records) // limit] for at in range(limit)]


def made_up(limit: int) -> list[Record]:
    """The same from the pipeline benchmark's invented works: few words, so that all of them are common."""
    workload = Workload.load()
    return list(workload.records(-(-limit // workload.raw["entries_per_source"])))[:limit]


def crossref_item(record: Mapping[str, Any], number: int) -> Record:
    """The record in the shape of Crossref's dumps; one without a DOI is given one that says its number."""
    pages = record.get("pages")
    return {
        "DOI": record.get("doi") or f"10.5555/local.{number}",
        "type": _TYPES.get(record.get("type") or "", "journal-article"),
        "title": [record["title"]],
        "author": record.get("authors") or [],
        "issued": {"date-parts": [[record.get("year")]]},
        "container-title": [record["container"]] if record.get("container") else [],
        **({"volume": record["volume"]} if record.get("volume") else {}),
        **({"page": pages} if pages else {}),
        "is-referenced-by-count": number % 97,
        "URL": f"http://dx.doi.org/10.5555/local.{number}",
    }


def printed(record: Mapping[str, Any], chance: Random) -> str:
    """The record as a bibliography prints it, in one of three orders."""
    people = record.get("authors") or []
    names = [f"{one.get('family') or ''}, {(one.get('given') or '')[:1]}." for one in people[:3]]
    who = ", ".join(names) + (" et al." if len(people) > 3 else "")
    year, where = record.get("year") or "", record.get("container") or ""
    if chance.random() < 0.5:
        where = " ".join(_abbreviated(word) for word in where.split())
    tail = f"{record.get('volume') or chance.randint(1, 90)}, {record.get('pages') or chance.randint(1, 900)}"
    return chance.choice(
        (
            f"{who} ({year}). {record['title']}. {where} {tail}.",
            f"{who}, “{record['title']},” {where}, vol. {tail}, {year}.",
            f"{who}: {record['title']}. In: {where} {tail} ({year})",
        )
    )


def damaged(text: str, chance: Random) -> str:
    """The string with a fifth of its longer words misspelt or misread, words lost, run together and broken."""
    words: list[str] = []
    for word in text.split():
        fate = chance.random()
        if len(word) > 3 and fate < 0.20:
            words.append(_misspelt(word, chance))
        elif fate < 0.23:
            continue
        elif fate < 0.26 and words:
            words[-1] += word
        elif len(word) > 7 and fate < 0.29:
            words += [word[: len(word) // 2] + "-", word[len(word) // 2 :]]
        else:
            words.append(word)
    return " ".join(words)


def equals(records: Sequence[Record]) -> dict[tuple[str, str, Any], set[str]]:
    """The DOIs of the records that no string can tell apart: equal title, first author and year."""
    alike: dict[tuple[str, str, Any], set[str]] = {}
    for number, record in enumerate(records):
        alike.setdefault(identity(record), set()).add(crossref_item(record, number)["DOI"].lower())
    return alike


def identity(record: Mapping[str, Any]) -> tuple[str, str, Any]:
    """What a string can tell of a record."""
    people = record.get("authors") or [{}]
    return (" ".join(record["title"].lower().split()), (people[0].get("family") or "").lower(), record.get("year"))


def queries(records: Sequence[Record], number: int, seed: int, *, noisy: bool) -> Iterator[tuple[str, Record]]:
    """`number` strings with the records that they cite; of 6 words at least."""
    chance = Random(seed)
    given = 0
    while given < number:
        record = records[chance.randrange(len(records))]
        text = printed(record, chance)
        if noisy:
            text = damaged(text, chance)
        if len(text.split()) >= 6:
            given += 1
            yield text, record


def _abbreviated(word: str) -> str:
    return word if len(word) < 6 else f"{word[:4]}."


def _misspelt(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    letter = word[at].lower()
    return {
        0: word[:at] + word[at + 1 :],
        1: word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        2: word[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
        3: word[:at] + _MISREAD.get(letter, letter + letter) + word[at + 1 :],
    }[chance.randrange(4)]
