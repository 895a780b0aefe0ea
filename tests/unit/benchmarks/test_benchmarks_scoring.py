"""The scorer's rules, and that our implementation and the reviewers' agree where both are there."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.scoring import Counts, judged, paired, scored

SHARED_SCORER = Path(__file__).parents[4] / "shared" / "score" / "score_references.py"
TITLE = "A quick method for finding shortest paths"


def document(*references: dict[str, Any], name: str = "paper", error: str | None = None) -> dict[str, Any]:
    return {"path": f"/papers/{name}.pdf", "references": list(references), "error": error}


def test_a_doi_proves_the_entry_whatever_else_is_read() -> None:
    assert paired([{"doi": "10.1/A"}], [{"raw": "nonsense", "doi": "https://doi.org/10.1/a"}]) == [(0, 0)]


def test_the_title_within_the_raw_string_proves_the_entry() -> None:
    """Letters and digits alone count, so that hyphens and accents of a line end do no harm."""
    raw = "Dijkstra E. A quick meth-od for finding shortest páths. 1959"
    assert paired([{"title": TITLE}], [{"raw": raw}]) == [(0, 0)]


def test_a_short_title_within_the_raw_string_proves_nothing() -> None:
    assert paired([{"title": "Algebra"}], [{"raw": "Lang S. Algebra. Springer 2002", "title": None}]) == []


def test_a_prediction_is_used_once_and_the_surest_pair_wins() -> None:
    gold = [{"title": TITLE, "doi": None}, {"title": TITLE, "doi": "10.1/b"}]
    assert paired(gold, [{"title": TITLE, "raw": TITLE, "doi": "10.1/b"}]) == [(1, 0)]


def test_of_equally_sure_predictions_the_nearest_in_place_is_taken() -> None:
    gold = [{"title": TITLE}, {"title": TITLE}]
    assert paired(gold, [{"raw": TITLE}, {"raw": TITLE}]) == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("wanted", "read", "is_right"),
    [
        ("van der Berg", "Berg", True),
        ("Berg", "van der Berg", True),
        ("Müller", "Muller", True),
        ("Li", "Wei Li", False),
        ("Smith", "", False),
    ],
)
def test_a_family_name_may_lack_its_particles(wanted: str, read: str, is_right: bool) -> None:
    assert judged({"first_author": wanted}, {"authors": [{"family": read}]}) == {"first_author": is_right}


def test_only_what_gold_knows_is_judged() -> None:
    assert judged({"year": "1998a", "title": None}, {"year": 1998, "doi": "10.1/x"}) == {"year": True}


def test_a_partial_gold_list_counts_for_recall_alone() -> None:
    counts = Counts()
    counts.add({"references": [{"title": TITLE}], "partial": True}, document({"raw": TITLE}, {"raw": "another"}))
    counts.add({"references": [{"title": TITLE}]}, document())
    figures = counts.figures()
    assert (figures["recall"], figures["predicted"], figures["precision"]) == (0.5, 0, 0.0)


def test_order_counts_neighbours_whose_positions_ascend() -> None:
    titles = [f"{TITLE} of the kind number {word}" for word in ("one", "two", "three")]
    counts = Counts()
    gold = {"references": [{"title": title} for title in titles]}
    counts.add(gold, document(*({"raw": titles[i], "position": n + 1} for n, i in enumerate((0, 2, 1)))))
    assert counts.figures()["order"] == 0.5


def test_a_gold_list_without_prediction_is_a_document_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "paper.json").write_text(json.dumps({"references": [{"title": TITLE}]}), encoding="utf-8")
    figures = scored(tmp_path, [])
    assert (figures["documents_with_error"], figures["gold"], figures["f1"]) == (1, 1, 0.0)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED_SCORER.is_file(), reason="the folder shared is not beside the checkout")
def test_both_scorers_give_the_same_figures(tmp_path: Path) -> None:
    """On made-up lists with entries lost, doubled, cut short and put out of order."""
    gold_folder = tmp_path / "gold"
    gold_folder.mkdir()
    documents = _made_up(gold_folder, random.Random(7))
    predicted = tmp_path / "predicted.json"
    predicted.write_text(json.dumps({"documents": documents}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(SHARED_SCORER), "--gold", str(gold_folder), "--pred", str(predicted), "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert scored(gold_folder, documents) == json.loads(done.stdout)


def _made_up(gold_folder: Path, chance: random.Random) -> list[dict[str, Any]]:
    words = [
        "river",
        "basin",
        "model",
        "of",
        "snow",
        "and",
        "ice",
        "under",
        "change",
        "with",
        "new",
        "data",
        "on",
        "coastal",
        "towns",
        "early",
        "risk",
    ]
    documents = []
    for number in range(12):
        gold = []
        for position in range(1, chance.randint(2, 30)):
            title = " ".join(chance.sample(words, chance.randint(1, 9)))
            author, year = chance.choice(["Müller", "de Vries", "Li", "O'Neil"]), chance.randint(1950, 2020)
            doi = f"10.1/{number}.{position}" if chance.random() < 0.4 else None
            gold.append(
                {
                    "position": position,
                    "title": title if chance.random() < 0.9 else None,
                    "raw": f"{author}, A. {title}. J. Ice {position}, {year}." if chance.random() < 0.7 else None,
                    "first_author": author if chance.random() < 0.9 else None,
                    "year": str(year),
                    "doi": doi,
                }
            )
        name = f"paper{number}"
        text = json.dumps({"references": gold, "partial": chance.random() < 0.2})
        (gold_folder / f"{name}.json").write_text(text, encoding="utf-8")
        read = [_misread(one, chance) for one in gold if chance.random() < 0.9]
        read += [dict(one) for one in read if chance.random() < 0.1]
        if chance.random() < 0.5:
            chance.shuffle(read)
        for position, one in enumerate(read, 1):
            one["position"] = position
        if number:  # the first has no prediction
            documents.append(document(*read, name=name, error="parse-timeout" if chance.random() < 0.1 else None))
    return documents


def _misread(gold: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    title = (gold["title"] or "untitled")[: chance.choice([5, 100, 100])]
    raw = gold["raw"] or f"{gold['first_author']} {title} {gold['year']}"
    family = (gold["first_author"] or "Nobody").split()[-1]
    return {
        "title": title if chance.random() < 0.8 else None,
        "raw": raw[chance.choice([0, 0, 9]) :],
        "authors": [{"family": family}] if chance.random() < 0.8 else [],
        "year": int(gold["year"]) + (chance.random() < 0.2),
        "doi": gold["doi"].upper() if gold["doi"] and chance.random() < 0.6 else None,
    }
