"""What a citation style is, and how it prints a work with its fields marked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training.strings.people import NameForm
from training.strings.segments import Segment, tidied
from training.strings.words import NUMERIC_DATES, WORDS, Words
from training.strings.works import ABBREVIATIONS, Work

from dl_lit.pdf.fields.labels import Label

# Template field → label; fields that are not here carry none.
LABELS = {
    "authors": Label.AUTHOR,
    "editors": Label.EDITOR,
    "year": Label.DATE,
    "month_year": Label.DATE,
    "year_month": Label.DATE,
    "title": Label.TITLE,
    "container": Label.CONTAINER,
    "booktitle": Label.BOOKTITLE,
    "volume": Label.VOLUME,
    "issue": Label.ISSUE,
    "pages": Label.PAGES,
    "publisher": Label.PUBLISHER,
    "school": Label.INSTITUTION,
    "place": Label.PLACE,
    "doi": Label.DOI,
    "url": Label.URL,
    "arxiv": Label.ARXIV,
    "pmid": Label.IDENTIFIER,
    "isbn": Label.IDENTIFIER,
    "series": Label.SERIES,
    "edition": Label.EDITION,
    "genre": Label.REPORT,
    "number": Label.NUMBER,
    "accessed": Label.NOTE,
    "medium": Label.NOTE,
}
_FIELD = re.compile(r"\{(\w+)\}")
_STEP = re.compile(r"\{\w+\}|[<>]|[^<>{}]+")
_EDITORS = {
    "en": "(Eds.)",
    "de": "(Hrsg.)",
    "fr": "(dir.)",
    "es": "(eds.)",
    "it": "(a cura di)",
    "pt": "(org.)",
    "nl": "(red.)",
    "pl": "(red.)",
    "ru": "(ред.)",
}
_ANGLES = str.maketrans("⟨⟩", "<>")  # what a template writes for printed angle brackets


@dataclass(frozen=True, slots=True)
class Style:
    """A citation style: for each kind of work a template, and the forms that names, pages and titles take.

    A template is text with {fields}; what stands in <…> is printed only where the work has all fields of it.
    """

    name: str
    language: str
    templates: tuple[tuple[str, str], ...]  # kind of work, template; the kind "book" serves for those not named
    names: NameForm
    editor_names: NameForm
    dash: str = "–"  # in page ranges
    short_ranges: bool = False  # 123–31
    title_case: str = "as is"  # "as is", "lower", "title", "capitals"
    subtitle: str = ": "  # before the subtitle
    abbreviates: bool = False  # words of journals' names cut short
    stops: bool = True  # behind those
    ends_in_stop: bool = True

    def template(self, kind: str) -> str:
        """The template for works of `kind`."""
        known = dict(self.templates)
        return known.get(kind) or known.get("chapter" if kind == "conference" else "") or known["book"]

    def render(self, work: Work, rng: Random) -> list[Segment]:
        """`work` as this style prints it; `rng` decides on what varies from entry to entry."""
        values = self._values(work, rng)
        segments = tidied(list(_filled(self.template(work.kind), values)))
        if self.ends_in_stop and segments and not segments[-1].text.endswith((".", "?", "!", "/", ".”", ">")):
            segments.append(Segment(None, "."))
        return segments

    def _values(self, work: Work, rng: Random) -> Mapping[str, str]:
        words = WORDS[self.language]
        year = _year(work, words, rng)
        month = words.months[work.month - 1]
        month = month if rng.random() < 0.6 else month[:3] + ("." if rng.random() < 0.6 else "")
        genre = rng.choice(words.theses if work.kind == "thesis" else words.reports)
        accessed = words.accessed[len(self.name) % len(words.accessed)]
        return {
            "authors": self.names.rendered(work.authors),
            "editors": self.editor_names.rendered(work.editors),
            "year": year,
            "month_year": f"{month} {year}",
            "year_month": f"{year} {month}",
            "title": self._title(work.title),
            "container": self._container(work.container) if work.kind == "article" else "",
            "booktitle": work.container,
            "volume": work.volume,
            "issue": work.issue,
            "pages": self._pages(work),
            "publisher": work.publisher,
            "school": work.school,
            "place": work.place,
            "doi": work.doi,
            "url": work.url,
            "arxiv": work.arxiv,
            "series": work.series,
            "edition": _edition(words, work.edition, self.name),
            "genre": genre,
            "accessed": accessed.format(date=_date(work, words, rng)) if work.url else "",
            "medium": rng.choice(_MEDIA.get(work.kind, ("",))),
            "number": work.number,
            "pmid": work.pmid,
            "isbn": work.isbn,
        }

    def _title(self, title: str) -> str:
        if self.subtitle != ": ":
            title = title.replace(": ", self.subtitle, 1)
        if self.title_case == "lower" and not title.isupper():
            head, *rest = title.split(" ")
            return " ".join([head, *(word.lower() if word[1:].islower() else word for word in rest)])
        if self.title_case == "title":
            words = title.split(" ")
            return " ".join(w if at and len(w) < 4 else w[:1].upper() + w[1:] for at, w in enumerate(words))
        return title.upper() if self.title_case == "capitals" else title

    def _container(self, container: str) -> str:
        if self.abbreviates and "." not in container:
            container = " ".join(filter(None, map(_abbreviated, container.split())))
        elif self.stops and "." in container:
            container += "."
        return container if self.stops else container.replace(".", "")

    def _pages(self, work: Work) -> str:
        first, last = work.first_page, work.last_page
        if not last:
            return first
        if self.short_ranges and len(first) == len(last) > 2:
            shared = next(
                at for at, (a, b) in enumerate(zip(first, last + "x", strict=False)) if a != b or at == len(first) - 1
            )
            last = last[min(shared, len(last) - 1) :]
        return f"{first}{self.dash}{last}"


_MEDIA = {
    "software": (
        "[Computer software]",
        "[Software]",
        "(Version 1.2.0)",
        "R package version 0.9-7",
        "Version 3.1",
        "(v2.0.1)",
        "",
    ),
    "web": ("[Online]", "[online]", "[Internet]", "[Web page]", "", "", ""),
}


def _abbreviated(word: str) -> str:
    return ABBREVIATIONS.get(word.lower(), word)


def _year(work: Work, words: Words, rng: Random) -> str:
    draw = rng.random()
    if draw < 0.012:
        return rng.choice(words.undated)
    if draw < 0.025:
        return rng.choice(words.forthcoming)
    if draw < 0.06:
        return work.year + rng.choice("aaabbc")
    return work.year


def _edition(words: Words, number: str, salt: str) -> str:
    if not number:
        return ""
    form = words.editions[len(salt) % len(words.editions)]
    if words is WORDS["en"]:
        number += {"2": "nd", "3": "rd"}.get(number, "th")
    return form.format(number=number)


def _date(work: Work, words: Words, rng: Random) -> str:
    parts = {"day": work.day, "month": work.month, "year": int(rng.triangular(2001, 2026, 2018))}
    if rng.random() < 0.5:
        return rng.choice(NUMERIC_DATES).format(**parts)
    month = words.months[work.month - 1]
    form = "{month} {day}, {year}" if words is WORDS["en"] and rng.random() < 0.5 else "{day} {month} {year}"
    return form.format(**{**parts, "month": month})


def _filled(template: str, values: Mapping[str, str]) -> Iterator[Segment]:
    """The template with its fields, without the groups that lack a field."""
    depth_dropped = 0
    depth = 0
    for match in _STEP.finditer(template):
        step = match.group()
        if step == "<":
            depth += 1
            if not depth_dropped and not _is_full(template, match.end(), values):
                depth_dropped = depth
        elif step == ">":
            if depth == depth_dropped:
                depth_dropped = 0
            depth -= 1
        elif depth_dropped:
            continue
        elif field := _FIELD.fullmatch(step):
            name = field.group(1)
            yield Segment(LABELS.get(name), values[name])
        else:
            yield Segment(None, step.translate(_ANGLES))


def _is_full(template: str, at: int, values: Mapping[str, str]) -> bool:
    """Whether all fields of the group that begins at `at` are there, those of groups inside it left aside."""
    depth = 0
    for match in _STEP.finditer(template, at):
        step = match.group()
        if step == ">" and depth == 0:
            return True
        depth += (step == "<") - (step == ">")
        if depth == 0 and (field := _FIELD.fullmatch(step)) and not values[field.group(1)]:
            return False
    return True


def _known() -> tuple[Style, ...]:
    """The styles of known.toml."""
    tables = tomllib.loads((Path(__file__).parent / "known.toml").read_text("utf-8"))["style"]
    styles = []
    for table in tables:
        names = NameForm(**table.pop("names"))
        editors = NameForm(**form) if (form := table.pop("editor_names", None)) is not None else names
        templates = table.pop("templates")
        templates.setdefault(
            "edited", templates["book"].replace("{authors}", "{editors} " + _EDITORS[table["language"]])
        )
        styles.append(Style(**table, templates=tuple(templates.items()), names=names, editor_names=editors))
    return tuple(styles)


KNOWN = _known()
