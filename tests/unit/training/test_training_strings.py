"""Rendered training strings: marked whole, labelled as the model knows it, the same for the same seed."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training.strings import Segment, noise, rendered, styles
from training.strings.people import NameForm
from training.strings.segments import joined, tidied
from training.strings.styles import KNOWN
from training.strings.works import Person, Work, language_of

from dl_lit.pdf.fields.labels import Label

RECORDS = [
    (
        "journal-article",
        "Circuits of the mind: a review",
        "Annals of Examples",
        [("Ada", "Byron"), ("C. L.", "Dodgson")],
    ),
    ("journal-article", "Zur Frage der Wortstellung in der Sprache", "Zeitschrift für Beispiele", [("Jutta", "Weiß")]),
    ("book", "Les mots et les choses dans la langue", None, [("Anne", "de la Tour")]),
    ("book-chapter", "La lengua y los hablantes", "Estudios de la lengua", [("José", "Ruiz Pérez")]),
    (
        "proceedings-article",
        "Parsing with patience",
        "Proceedings of the Third Workshop",
        [("Kim", "Lee"), ("W", "Xu")],
    ),
    ("dissertation", "O ensino da leitura no Brasil", None, [("Ana Paula", "Souza")]),
    ("book", "Why ask?", None, []),
]
WORK = Work(
    kind="article",
    language="en",
    title="Does it rain?",
    authors=(Person("van Gogh", "Vincent Willem"), Person("World Bank", is_body=True)),
    year="1999",
    container="Journal of Wet Things",
    volume="12",
    issue="3",
    first_page="123",
    last_page="131",
    doi="10.1000/rain",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few records."""
    folder = tmp_path_factory.mktemp("records")
    with gzip.open(folder / "universe.jsonl.gz", "wt", encoding="utf-8") as lines:
        for kind, title, container, people in RECORDS * 3:
            authors = [{"given": given, "family": family} for given, family in people]
            record = {
                "doi": None,
                "title": title,
                "authors": authors,
                "year": 2001,
                "container": container,
                "type": kind,
            }
            lines.write(json.dumps(record) + "\n")
    return folder


def test_same_seed_same_strings(data: Path) -> None:
    first, second = (list(islice(rendered(data, seed=5), 60)) for _ in range(2))
    assert first == second
    assert first != list(islice(rendered(data, seed=6), 60))


def test_every_string_is_its_segments_and_most_have_a_title_and_a_year(data: Path) -> None:
    rows = list(islice(rendered(data, seed=1), 400))
    for row in rows:
        assert row.text == "".join(segment.text for segment in row.segments)
        assert all(segment.label is None or segment.label in set(Label) for segment in row.segments)
        assert all(segment.text for segment in row.segments)
    for label in (Label.TITLE, Label.DATE, Label.AUTHOR):
        assert sum(any(segment.label is label for segment in row.segments) for row in rows) > 0.8 * len(rows)
    assert {row.language for row in rows} == {"en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru"}


def test_the_styles_differ() -> None:
    made = styles(seed=3)
    shapes = {(style.templates, style.names, style.dash, style.title_case) for style in made}
    assert len(shapes) >= 300
    assert {"APA", "IEEE", "Vancouver", "GOST 7.0.5", "REVTeX"} <= {style.name for style in made}


@given(st.integers(0, 10**9), st.sampled_from(["article", "chapter", "book", "edited", "thesis", "web", "software"]))
def test_every_style_prints_the_title_of_every_kind_of_work_whole(seed: int, kind: str) -> None:
    rng = Random(seed)
    style = rng.choice(KNOWN)
    work = Work(
        kind=kind, language="en", title="Rain", authors=WORK.authors, editors=WORK.authors, year="1999", url="x.org"
    )
    segments = style.render(work, rng)
    titles = [segment.text for segment in segments if segment.label is Label.TITLE]
    assert all(title.lower() == "rain" for title in titles)
    assert titles or "without" in style.name or "{title}" not in style.template(kind)


@given(st.integers(0, 10**9))
def test_noise_keeps_the_order_of_the_fields(seed: int) -> None:
    rng = Random(seed)
    style = rng.choice(KNOWN)
    segments = style.render(WORK, rng)
    labels = [segment.label for segment in segments if segment.label]
    for strike, _ in noise.USUAL:
        struck = [segment.label for segment in strike(segments, rng) if segment.label]
        assert struck == (labels if strike is not noise.authors_lost else [x for x in labels if x in struck])


def test_a_group_is_printed_only_where_the_work_has_its_fields() -> None:
    apa = next(style for style in KNOWN if style.name == "APA")
    text = joined(apa.render(WORK, Random(1)))
    assert "12(3), 123–131. https://doi.org/10.1000/rain" in text
    bare = Work(**{**{name: getattr(WORK, name) for name in Work.__slots__}, "issue": "", "doi": ""})
    assert joined(apa.render(bare, Random(1))).endswith("Journal of Wet Things, 12, 123–131.")


def test_no_full_stop_is_doubled() -> None:
    segments = tidied(
        [Segment(Label.TITLE, "Who?"), Segment(None, ". "), Segment(Label.AUTHOR, "A."), Segment(None, ".")]
    )
    assert joined(segments) == "Who? A."


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (NameForm(), "van Gogh, V. W. and Weiß, J."),
        (NameForm(given="bare", comma=" ", last=", ", pair=", "), "van Gogh VW, Weiß J"),
        (NameForm(first="given", others="given", given="full"), "Vincent Willem van Gogh and Jutta Weiß"),
        (NameForm(first="family", others="given", given="tight"), "van Gogh, V.W. and J. Weiß"),
        (NameForm(at_most=1, et_al=" et al."), "van Gogh, V. W. et al."),
        (NameForm(given="full", capitals=True, pair=" / "), "VAN GOGH, Vincent Willem / WEISS, Jutta"),
    ],
)
def test_names_in_their_forms(form: NameForm, expected: str) -> None:
    people = (Person("van Gogh", "Vincent Willem"), Person("Weiß", "Jutta"))
    assert form.rendered(people) == expected


def test_a_title_tells_its_language() -> None:
    assert language_of("Zur Geschichte der Sprache") == "de"
    assert language_of("Очерки по истории") == "ru"
    assert language_of("Hermeneutics") == "en"


@pytest.mark.shared
def test_real_records_give_as_many_strings_as_wanted(tmp_path: Path) -> None:
    records = Path(__file__).parents[4] / "shared" / "corpora" / "universe.jsonl.gz"
    if not records.is_file():
        pytest.skip("no ../shared")
    with gzip.open(records, "rb") as lines, gzip.open(tmp_path / records.name, "wb", compresslevel=1) as few:
        few.writelines(islice(lines, 0, None, 25))  # all of them take half a minute to read
    rows = list(islice(rendered(tmp_path, seed=2), 500))
    assert len({row.style for row in rows}) > 200
