"""Citation styles put together at random from the parts that real ones are made of."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

from training.strings.people import NameForm
from training.strings.styles import Style
from training.strings.words import WORDS, Words

_PARTS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "grammar.toml").read_text("utf-8"))
_AT_MOST = (0, 0, 0, 0, 0, 1, 3, 3, 6, 6, 10)


def random_style(language: str, rng: Random) -> Style:
    """A style that could be some journal's; what it is made of depends on `rng` alone."""
    words = WORDS[language]
    names = _name_form(words, rng)
    is_year_first = rng.random() < 0.45
    chosen = {
        "{open}": (quotes := rng.choice(words.quotes))[0],
        "{close}": quotes[1],
        "{v}": rng.choice(words.volumes),
        "{n}": rng.choice(words.issues),
        "{p}": rng.choice(words.pages),
        "{in}": rng.choice(words.containers),
        "{eds}": rng.choice(words.editors),
        "{by}": rng.choice(words.edited_by),
        "{a}": rng.choice(words.available),
    }
    templates = _templates(rng, is_year_first=is_year_first)
    return Style(
        name="".join(rng.choice("bcdfghklmnprst") for _ in range(8)),
        language=language,
        templates=tuple((kind, _chosen(template, chosen)) for kind, template in templates.items()),
        names=names,
        editor_names=names if rng.random() < 0.5 else _name_form(words, rng, given_first=True),
        subtitle=rng.choice((": ", ": ", ": ", ". ", ". ", " – ", " : ", " - ")),
        dash=rng.choice(("–", "-", "–", "-", "—", " - ", " – ", "--", "-")),
        short_ranges=rng.random() < 0.15,
        title_case=rng.choice(("as is", "as is", "as is", "as is", "lower", "lower", "title"))
        if language == "en"
        else "as is",
        abbreviates=rng.random() < 0.3,
        stops=rng.random() < 0.75,
        ends_in_stop=rng.random() < 0.75,
    )


def _chosen(template: str, chosen: dict[str, str]) -> str:
    for name, text in chosen.items():
        template = template.replace(name, text.translate(str.maketrans("<>", "⟨⟩")))
    return template


def _name_form(words: Words, rng: Random, *, given_first: bool = False) -> NameForm:
    separator, last, pair = (str(form) for form in rng.choice(_PARTS["separators"]))
    conjunction = rng.choice(words.conjunctions)
    if conjunction in ";,/-":
        last = pair = {";": "; ", ",": ", ", "/": "/", "-": " - "}[conjunction]
    last, pair = (text.replace("and", conjunction).replace("&", conjunction) for text in (last, pair))
    order = "given" if given_first else rng.choice(("family", "family", "given"))
    others = "given" if order == "family" and rng.random() < 0.15 else order
    given = rng.choice(("full", "full", "dotted", "dotted", "tight", "tight", "bare", "spaced"))
    comma = ", " if given == "full" or rng.random() < 0.55 else " "
    if comma == ", " and separator == ", " and given in {"bare", "spaced"} and rng.random() < 0.6:
        comma = " "
    return NameForm(
        first=order,
        others=others,
        given=given,
        comma=comma,
        separator=separator,
        last=last,
        pair=pair,
        at_most=(at_most := rng.choice(_AT_MOST)),
        more_than=at_most + rng.choice((0, 0, 2)) if at_most else 0,
        et_al=rng.choice((" ", ", ", " ")) + rng.choice(words.et_al),
        capitals=rng.random() < 0.12,
    )


def _templates(rng: Random, *, is_year_first: bool) -> dict[str, str]:
    """A template for each kind, all in one spirit."""

    def part(name: str) -> str:
        return str(rng.choice(_PARTS[name]))

    head = part("year_first" if is_year_first else "year_later")
    title = part("titles")
    if not is_year_first and head == "{authors} " and not title.startswith("{open}"):
        title = "{open}" + title.replace("{title}", "{title}{close}")
    book_title = rng.choice(("{title}. ", "{title}, ", title, "{title}. "))
    if head.endswith(("{authors}, ", "{year}, ", "{year}), ")) and rng.random() < 0.7:
        title, book_title = (text.replace(". ", ", ") for text in (title, book_title))
    tail = part("tails")
    imprint = part("imprints" if is_year_first else "imprints_year")
    extra = part("book_extras")
    book = head + (book_title.rstrip(" .,") if extra.startswith("<,") else book_title) + extra + imprint + tail
    year = "" if is_year_first else ", {year}"
    web_year = "" if is_year_first else part("web_years")
    article_title = title if rng.random() > 0.06 else ""  # some print none
    return {
        "article": head
        + article_title
        + part("journals")
        + part("numbers" if is_year_first else "numbers_year")
        + tail,
        "chapter": head + title + "{in}" + _chapter_host(rng, imprint) + tail,
        "conference": head + title + _conference_host(rng, imprint, is_year_first=is_year_first) + tail,
        "book": book,
        "edited": book.replace("{authors}", rng.choice(("{editors} {eds}", "{editors}, {eds}"))),
        "thesis": head + book_title + part("theses") + year + tail,
        "report": head + book_title + part("reports") + imprint + rng.choice(("", "<. {a}{url}>", tail)),
        "web": head + title + part("web_hosts") + "{a}{url}" + web_year + part("accesses"),
        "software": head + title.rstrip(" .,") + part("media") + part("makers") + part("sites") + web_year,
    }


def _chapter_host(rng: Random, imprint: str) -> str:
    """The book around a chapter: editors before, behind or not at all; pages before or behind the imprint."""
    draw = rng.random()
    before = rng.choice(_PARTS["editors_first"]) if draw < 0.6 else ""
    after = rng.choice(_PARTS["editors_last"]) if 0.6 <= draw < 0.9 else ""
    pages = rng.choice(_PARTS["chapter_pages"])
    book = before + rng.choice(_PARTS["booktitles"]) + after + rng.choice(_PARTS["book_series"])
    if rng.random() < 0.5:
        return book + pages + ". " + imprint
    return book + rng.choice((". ", ", ", ". ", " ")) + imprint + pages


def _conference_host(rng: Random, imprint: str, *, is_year_first: bool) -> str:
    place_date = rng.choice(_PARTS["places"] if is_year_first else _PARTS["places_and_dates"])
    year = rng.choice((", {year}", " ({year})", ". {year}"))
    if is_year_first or "{year}" in imprint or "year" in place_date:
        year = ""
    pages = rng.choice(_PARTS["conference_pages"])
    end = rng.choice(("", "", ". {publisher}", ", {publisher}", ". " + imprint))
    if not is_year_first and "year" not in year + place_date + end:
        end += ", {year}"
    order = (place_date + pages + year, pages + place_date + year, place_date + year + pages)
    return rng.choice(_PARTS["conference_hosts"]) + rng.choice(order) + end
