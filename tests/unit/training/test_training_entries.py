"""The model of beginnings, trained on little."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile

import pytest
from training.entries import train, typeset_lists
from training.entries_corpus import any_setting, read_lists, read_runs, rendered_runs, set_in_type

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting.beginnings import BeginningModel

TEI = """<tei><text><listBibl>
References<lb/>
<bibl><label>[1]</label> A. Aubert et al., Phys. Rev. Lett. 97, 112002<lb/> (2006).<lb/> </bibl>
<bibl><label>[2]</label> B. Davier, Eur. Phys. J. C 31, 503 (2003); </bibl>
<bibl>C. Other &amp; D. One, ibid.<lb/> 4, 5.<lb/></bibl>
<bibl><label>[3]</label> M. Bodwin, Phys. Rev. D 74, 074014 (2006).<lb/> </bibl>
</listBibl></text></tei>"""
NAMES = ("Knuth", "Lovelace", "Hopper", "Turing", "Noether", "Curie", "Franklin", "Meitner")
TITLES = (
    "On the theory of the engines",
    "Die Geschichte der Stadt und des Landes",
    "Histoire de la ville et des arts dans le monde",
    "La historia de los pueblos y de las ciudades",
    "Storia della città e delle arti nel mondo",
    "A história da cidade e dos povos no mundo",
    "De geschiedenis van het land en de stad",
)


@pytest.fixture
def data(tmp_path):
    """A folder with a small archive and a few strings."""
    name = "grobid-trainer/resources/dataset/reference-segmenter/corpus/tei/one.training.tei.xml"
    with tarfile.open(tmp_path / "grobid-lines.tar.xz", "w:xz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(TEI.encode())
        archive.addfile(member, io.BytesIO(TEI.encode()))
    with gzip.open(tmp_path / "citation_strings.jsonl.gz", "wt", encoding="utf-8") as rows:
        for n in range(120):
            raw = f"{NAMES[n % 8]}, A. B. ({1900 + n}). On the matter number {n} and what follows. Journal, {n}, 1–9."
            rows.write(json.dumps({"set": "some", "raw": raw}) + "\n")
    with gzip.open(tmp_path / "universe.jsonl.gz", "wt", encoding="utf-8") as rows:
        for n in range(60):
            authors = [{"given": "Ada", "family": name} for name in (NAMES[n % 8], NAMES[(n + 3) % 8])]
            record = {"doi": None, "title": f"{TITLES[n % len(TITLES)]} {n}", "authors": authors}
            kind = ("article-journal", "book", "chapter")[n % 3]
            rows.write(json.dumps(record | {"year": 1950 + n, "container": "Journal of Matters", "type": kind}) + "\n")
    return tmp_path


def test_hand_corrected_lists_are_read_without_their_labels(data):
    (found,) = read_lists(data)
    assert [line.text for line in found.lines] == [
        "A. Aubert et al., Phys. Rev. Lett. 97, 112002",
        "(2006).",
        "B. Davier, Eur. Phys. J. C 31, 503 (2003); C. Other & D. One, ibid.",
        "4, 5.",
        "M. Bodwin, Phys. Rev. D 74, 074014 (2006).",
    ]
    assert (sorted(found.firsts), found.is_numbered) == ([0, 2, 4], True)


@pytest.mark.parametrize("style", ["hang", "hang-gap", "gap", "small-gap", "first", "none"])
def test_strings_are_set_in_type_whole(data, style):
    run = read_runs(data)[0]
    rng = random.Random(7)
    found = set_in_type("run", run, any_setting(rng, style), rng)
    assert len(found.firsts) == len(run)
    letters = "".join(c for line in found.lines for c in line.text if c.isalnum())
    assert letters == "".join(c for text in run for c in text if c.isalnum())


def test_the_same_strings_give_the_same_lists(data):
    runs = read_runs(data)
    assert typeset_lists(runs, times=2) == typeset_lists(runs, times=2)


def test_rendered_strings_make_lists_of_one_style(data):
    runs = rendered_runs(data, 700, 1)
    assert runs
    assert all(run == sorted(run) and 6 <= len(run) <= 24 for run in runs)
    assert runs == rendered_runs(data, 700, 1)


def test_training_gives_a_model_that_tells_beginnings_and_the_same_one_again(data, tmp_path, capsys):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        train(data, tmp_path / name, strings=300)
    model = tmp_path / "one" / "entries.crfsuite"
    assert model.read_bytes() == (tmp_path / "two" / "entries.crfsuite").read_bytes()
    assert json.loads((tmp_path / "one" / "entries.json").read_text())["lists"] >= 11
    assert "entries: learnt from" in capsys.readouterr().err
    texts = (
        "Curie, M. (1903). On the matter of rays and what",
        "follows. Journal, 3, 1–9.",
        "Meitner, L. (1939). On the",
    )
    rows = [Line(text, 1, 50, 50 + 5 * len(text), 700 - n, 709 - n, 9) for n, text in enumerate(texts)]
    odds = BeginningModel(model).odds(rows)
    assert [value > 0 for value in odds] == [True, False, True]
