"""The line model, trained on little."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from training.lines import ABOUT, MODEL, train
from training.lines_corpus import ARCHIVE, read_documents
from training.lines_evaluation import Silent, as_lines, by_model, by_sections
from training.lines_variants import variants

FOLDER = "grobid-trainer/resources/dataset/segmentation/corpus/"
ROW = "{a} {b} x x x x x {block} {page} SAMEFONT {size} {bold} 0 NOCAPS NODIGIT 0 0 0 0 0 0 0 0 0 0 no 0 10 0 0 0 0 1"


def tei_and_raw(document: int) -> tuple[str, str]:
    """A small article, as the corpus has it."""
    body = [f"This is what we have seen when they were there with part {n}." for n in range(30)]
    entries = [f"[{n}] A. Author{n}, On the matter, J. Stud. {n + document}, 10-20 ({1980 + n})." for n in range(1, 13)]
    after = ["We thank those who have been there for what they did."] * 6
    tei = (
        '<tei><text xml:lang="en"><note place="headnote">A running head <lb/></note><body>'
        + " <lb/>".join(body)
        + " <lb/></body><listBibl>References <lb/>"
        + " <lb/>".join(entries)
        + ' <lb/></listBibl><div type="acknowledgement">'
        + " <lb/>".join(after)
        + " <lb/></div></text></tei>"
    )
    rows = []
    for number, line in enumerate(["A running head", *body, "References", *entries, *after]):
        words = line.split()
        is_heading = line == "References"
        rows.append(
            ROW.format(
                a=words[0],
                b=words[min(1, len(words) - 1)],
                block="BLOCKSTART" if is_heading else "BLOCKIN",
                page="PAGESTART" if number == 0 else "PAGEIN",
                size="HIGHERFONT" if is_heading else "SAMEFONTSIZE",
                bold=int(is_heading),
            )
        )
    return tei, "\n".join(rows)


@pytest.fixture
def data(tmp_path) -> Path:
    """A folder with an archive of three documents."""
    folder = tmp_path / "data"
    folder.mkdir()
    with tarfile.open(folder / ARCHIVE, "w:xz") as archive:
        for document in range(3):
            tei, raw = tei_and_raw(document)
            for name, text in (
                (f"tei/{document}.training.segmentation.tei.xml", tei),
                (f"raw/{document}.training.segmentation", raw),
            ):
                entry = tarfile.TarInfo(FOLDER + name)
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
    return folder


def test_lines_come_with_their_labels_and_their_layout(data):
    document = next(read_documents(data))
    assert document.facts[0].text.startswith("This is what")  # running heads are left out
    heading = document.labels.index("H")
    assert document.facts[heading].text == "References"
    assert (document.facts[heading].bold, document.facts[heading].size_step) == (True, 1)
    assert document.facts[heading].opens_block
    assert "".join(document.labels) == "O" * 30 + "H" + "R" * 12 + "O" * 6


def test_the_same_data_give_the_same_bytes(data, tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        train(data, folder)
    for name in (MODEL, ABOUT):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    assert json.loads((folders[0] / ABOUT).read_text())["documents"] == 3


def test_what_was_learnt_is_found_again(data, tmp_path):
    train(data, tmp_path)
    document = next(read_documents(data))
    gold = {at for at, label in enumerate(document.labels) if label == "R"}
    assert by_model(tmp_path / MODEL)(document) == gold
    assert gold <= by_sections(Silent())(document)
    assert len(as_lines(document.facts)) == len(document.facts)


def test_variants_carry_other_lists(data):
    documents = list(read_documents(data))
    made = list(
        variants(documents, {"anystyle-core": [f"Weber, Max: Werk {n}. Tübingen 19{n}." for n in range(10, 60)]})
    )
    assert len(made) == 2
    for document in made:
        assert len(document.facts) == len(document.labels)
        lists = [fact.text for fact, label in zip(document.facts, document.labels, strict=True) if label == "R"]
        assert lists
        assert all("Author" not in line for line in lists)
    assert made == list(
        variants(documents, {"anystyle-core": [f"Weber, Max: Werk {n}. Tübingen 19{n}." for n in range(10, 60)]})
    )
    assert list(variants(documents, {})) == []
