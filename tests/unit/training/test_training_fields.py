"""The model of the fields, trained on little."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest
from training.fields import RECIPE, train
from training.fields_cleaning import cleaned
from training.fields_corpus import read_examples
from training.fields_gradients import Shape
from training.fields_learning import Course
from training.fields_scoring import Score, normalised, strict

from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.fields.tagger import Tagger

SURNAMES = ("Knuth", "Lovelace", "Hopper", "Turing", "Noether", "Curie", "Franklin", "Meitner")
TITLES = ("On analytical engines", "The art of programming", "Invariant problems", "Rays and their nature")
WORKS = (
    "On the theory of the engines",
    "Die Geschichte der Stadt und des Landes",
    "Histoire de la ville et des arts dans le monde",
    "La historia de los pueblos y de las ciudades",
    "Storia della città e delle arti nel mondo",
    "A história da cidade e dos povos no mundo",
    "De geschiedenis van het land en de stad",
)
JOURNALS = ("Journal of Machines", "Annals of Ideas", "Physical Letters")


def grobid(number):
    """A string of the kind that most lists are made of, marked as GROBID's annotators do."""
    author, title = SURNAMES[number % 8], TITLES[number % 4]
    tagged = (
        f"<bibl><author>{author}, {'ADG'[number % 3]}.</author> (<date>{1950 + number}</date>). "
        f'<title level="a">{title}</title>. <title level="j">{JOURNALS[number % 3]}</title> '
        f'<biblScope unit="volume">{number + 1}</biblScope>, '
        f'<biblScope unit="page">pp. {number}-{number + 9}</biblScope>'
        ".</bibl>"
    )
    return {"set": "grobid-corpus", "raw": "", "fields": {}, "tagged": tagged, "file": "list"}


@pytest.fixture
def data(tmp_path):
    """A folder with 40 marked strings and 70 records."""
    folder = tmp_path / "data"
    folder.mkdir()
    with gzip.open(folder / "citation_strings.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(grobid(number)) + "\n" for number in range(40))
    with gzip.open(folder / "universe.jsonl.gz", "wt", encoding="utf-8") as lines:
        for number in range(70):
            record = {
                "title": f"{WORKS[number % 7]} {number}",
                "authors": [{"family": SURNAMES[number % 8], "given": "Ada"}],
                "year": 1950 + number,
                "container": JOURNALS[number % 3],
                "type": "journal-article",
                "doi": f"10.1234/{number}",
            }
            lines.write(json.dumps(record) + "\n")
    return folder


def test_trains_twice_to_the_same_bytes_and_reads_what_it_learnt(data, tmp_path):
    """Two runs over the same data write the same files, and the tagger finds the parts of a string of their kind.

    What differs from run to run does so from the first rounds on: twice there are two, once as many as it takes.
    """
    long = replace(
        RECIPE,
        shape=Shape(width=32, layers=2),
        rendered=40,
        repeated=5,
        first=Course(rounds=1, rate=3e-3, tokens=400),
        second=Course(rounds=25, rate=1e-2, tokens=400, dropped_words=0.05),
    )
    short = replace(long, second=replace(long.second, rounds=2))
    for name, recipe in (("one", short), ("two", short), ("learnt", long)):
        (tmp_path / name).mkdir()
        train(data, tmp_path / name, recipe)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["fields.json", "fields.model"]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    about = json.loads((tmp_path / "one" / "fields.json").read_text())
    assert about["strings"]["grobid-corpus"] == 40

    string = "Hopper, G. (1977). Invariant problems. Annals of Ideas 31, pp. 12-21."
    tagged = Tagger(tmp_path / "learnt" / "fields.model", "grobid-corpus").tag(["", string])
    assert tagged[0].spans == ()
    parts = {span.label: string[span.start : span.end] for span in tagged[1].spans}
    assert parts[Label.AUTHOR].startswith("Hopper, G")
    assert parts[Label.DATE] == "1977"
    assert parts[Label.TITLE] == "Invariant problems"
    assert parts[Label.PAGES] == "12-21"
    assert all(0 <= span.confidence <= 1 for span in tagged[1].spans)


def test_reads_each_corpus_with_one_set_of_labels(tmp_path):
    """What GROBID, AnyStyle and LinkedBooks mark comes out as the same labels."""
    rows = [
        grobid(3),
        {
            "set": "anystyle-core",
            "tagged": "<author>Doe, J.,</author> <title>A house.</title> <journal>Nature,</journal> "
            "<volume>6(1),</volume> <pages>pp. 3-9.</pages> <date>1999.</date>",
        },
        {
            "set": "linkedbooks-clean_valid",
            "raw": "C. Rossi, La casa, Roma 1898",
            "fields": {"type": "secondary"},
            "labels": [
                *(["C", "author"], [".", "author"], ["Rossi", "author"], [",", "author"]),
                *(["La", "title"], ["casa", "title"], [",", "title"], ["Roma", "publicationplace"], ["1898", "year"]),
            ],
        },
    ]
    with gzip.open(tmp_path / "citation_strings.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    first, second, third = read_examples(tmp_path)
    assert [label for label, _, _ in first.spans] == [
        *(Label.AUTHOR, Label.DATE, Label.TITLE, Label.CONTAINER, Label.VOLUME, Label.PAGES)
    ]
    parts = [(label, second.text[start:end]) for label, start, end in second.spans]
    assert parts == [
        (Label.AUTHOR, "Doe, J."),
        (Label.TITLE, "A house"),
        (Label.CONTAINER, "Nature"),
        (Label.VOLUME, "6"),
        (Label.ISSUE, "1"),
        (Label.PAGES, "3-9"),
        (Label.DATE, "1999"),
    ]
    assert [(label, third.text[start:end]) for label, start, end in third.spans] == [
        (Label.AUTHOR, "C. Rossi"),
        (Label.TITLE, "La casa"),
        (Label.PLACE, "Roma"),
        (Label.DATE, "1898"),
    ]


@pytest.mark.parametrize(
    ("label", "text", "kept"),
    [
        (Label.DOI, "doi: 10.1000/x1", "10.1000/x1"),
        (Label.URL, "https://doi.org/10.1000/x1", "10.1000/x1"),
        (Label.ARXIV, "arXiv :1602.03844", "1602.03844"),
        (Label.IDENTIFIER, "PubMed PMID: 123456", "123456"),
        (Label.PAGES, "pp. 12-18", "12-18"),
        (Label.PAGES, "181 pp.", "181"),
        (Label.EDITOR, "J. Doe (Eds.)", "J. Doe"),
        (Label.TITLE, "pp. and other dynamics", "pp. and other dynamics"),
    ],
)
def test_marks_are_evened_out(label, text, kept):
    """Words that announce a number or explain a name are no part of the field."""
    ((_, start, end),) = cleaned(text, ((label, 0, len(text)),))
    assert text[start:end] == kept


def test_scores_count_fields_and_whole_strings():
    """A full stop at a field's end counts strictly and not when normalised; a field too many spoils the string."""
    text = "J. Doe. A House"
    marked = ((Label.AUTHOR, 0, 7), (Label.TITLE, 8, 15))
    score = Score()
    score.add(normalised(text, marked), normalised(text, ((Label.AUTHOR, 0, 6), (Label.TITLE, 8, 15))))
    assert (score.f1(), score.instance_f1()) == (1.0, 1.0)
    score.add(strict(text, marked), strict(text, ((Label.AUTHOR, 0, 6), (Label.TITLE, 8, 15))))
    assert score.instance_f1() == 0.5
    assert score.f1(Label.AUTHOR) == 0.5
    assert score.f1() == 0.75
