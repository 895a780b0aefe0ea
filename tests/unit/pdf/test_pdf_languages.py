"""Entries in nine languages, of journals, books, theses and notes, are read with first author, year and title."""

from __future__ import annotations

import pytest

from dl_lit.core.model import Reference
from dl_lit.pdf.parsing import parse_entries, parse_entry
from dl_lit.pdf.splitting import Entry


def parsed(text: str) -> Reference:
    return parse_entry(Entry(text, page=1), 1)


ENTRIES = [
    (
        "Beck, Ulrich, 1986: Risikogesellschaft. Auf dem Weg in eine andere Moderne. Frankfurt a.M.: Suhrkamp.",
        ("Beck", 1986, "Risikogesellschaft. Auf dem Weg in eine andere Moderne"),
    ),
    (
        (
            "Kohli, Martin (1985): Die Institutionalisierung des Lebenslaufs. In: Kölner Zeitschrift für Soziologie "
            "und Sozialpsychologie, 37, 1, S. 1-29."
        ),
        ("Kohli", 1985, "Die Institutionalisierung des Lebenslaufs"),
    ),
    (
        "Castel, Robert (1995), « Les pièges de l’exclusion », Lien social et Politiques, n° 34, p. 13-21.",
        ("Castel", 1995, "Les pièges de l’exclusion"),
    ),
    (
        (
            "López, M. y Pérez, A. (2014). La evaluación formativa en la educación superior. Revista Iberoamericana de "
            "Educación, 65(2), 101-118."
        ),
        ("López", 2014, "La evaluación formativa en la educación superior"),
    ),
    (
        "Bobbio, N. (1985). Stato, governo, società. Per una teoria generale della politica. Torino: Einaudi.",
        ("Bobbio", 1985, "Stato, governo, società. Per una teoria generale della politica"),
    ),
    (
        "FREIRE, Paulo. Pedagogia do oprimido. 17. ed. Rio de Janeiro: Paz e Terra, 1987.",
        ("FREIRE", 1987, "Pedagogia do oprimido"),
    ),
    ("Huizinga, J., Herfsttij der Middeleeuwen (Haarlem 1919).", ("Huizinga", 1919, "Herfsttij der Middeleeuwen")),
    (
        "Szacki J., Historia myśli socjologicznej, Wydawnictwo Naukowe PWN, Warszawa 2002.",
        ("Szacki", 2002, "Historia myśli socjologicznej"),
    ),
    (
        "Лотман Ю. М. Структура художественного текста. М.: Искусство, 1970. 384 с.",
        ("Лотман", 1970, "Структура художественного текста"),
    ),
    (
        (
            "Петров А. В., Сидоров Б. Г. Социальная структура современного российского общества // Социологические "
            "исследования. 2010. № 5. С. 12–21."
        ),
        ("Петров", 2010, "Социальная структура современного российского общества"),
    ),
    (
        (
            "See Quentin Skinner, “Meaning and Understanding in the History of Ideas,” History and Theory 8, no. 1 "
            "(1969): 3–53."
        ),
        ("Skinner", 1969, "Meaning and Understanding in the History of Ideas"),
    ),
    ("F. Xu. Deep learning of things. In NIPS, 2014.", ("Xu", 2014, "Deep learning of things")),
    (
        (
            "A. D. Becke, Density-Functional Thermochemistry. III. The Role of Exact Exchange, J. Chem. Phys. 98, 5648 "
            "(1993)."
        ),
        ("Becke", 1993, "Density-Functional Thermochemistry. III. The Role of Exact Exchange"),
    ),
    (
        "D. J. de S. Price. Networks of scientific papers. Science, 149:510–515, 1965.",
        ("Price", 1965, "Networks of scientific papers"),
    ),
    (
        "The Pandas Development Team. (2020). Pandas. Zenodo. https://doi.org/10.5281/zenodo.3509134",
        ("The Pandas Development Team", 2020, "Pandas"),
    ),
    ("European Commission. (2022). Copernicus. https://example.org/eu", ("European Commission", 2022, "Copernicus")),
    (
        "World Meteorological Organisation. (2022b). WMO Airborne Dust Bulletin - September 2022. https://example.org/5",
        ("World Meteorological Organisation", 2022, "WMO Airborne Dust Bulletin - September 2022"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), ENTRIES, ids=[expected[0] for _, expected in ENTRIES])
def test_first_author_year_and_title(text: str, expected: tuple[str, int, str]) -> None:
    reference = parsed(text)
    assert (reference.authors[0].sort_key, reference.year, reference.title) == expected


def test_journals_volumes_and_pages_come_along() -> None:
    reference = parsed(ENTRIES[3][0])
    assert reference.container_title == "Revista Iberoamericana de Educación"
    assert (reference.volume, reference.issue, reference.pages) == ("65", "2", "101-118")


def test_publishers_of_books_come_along() -> None:
    assert parsed(ENTRIES[0][0]).publisher == "Suhrkamp"


def test_every_field_says_how_sure_it_is() -> None:
    reference = parsed(ENTRIES[3][0])
    sure = dict(reference.field_confidence)
    assert {"authors", "title", "year", "container_title", "volume", "pages"} <= set(sure)
    assert all(0.0 <= value <= 1.0 for value in sure.values())
    assert sure["title"] > 0.9
    assert "publisher" not in sure


def test_what_the_readers_differ_on_is_less_sure() -> None:
    plain = parsed("Doe, J. (2001). A title of a work. Journal of Things, 3(2), 4–5.")
    odd = parsed("7 3 Things and. so, on: Doe 12 x 44 (?)")
    assert odd.confidence < plain.confidence


def test_a_dash_repeats_the_authors_of_the_entry_before() -> None:
    texts = ["Knuth, D. E. 1984. Literate programming. Some Press.", "———. 1986. The TeXbook. Addison-Wesley."]
    references = parse_entries([Entry(text, page=1) for text in texts])
    assert references[1].authors == references[0].authors
    assert references[1].title == "The TeXbook"
