"""What services say of versions, translations and other titles."""

from __future__ import annotations

import json

import pytest

from dl_lit.core.model import Alias, Relation, RelationKind
from stages.sources import arxiv, crossref, datacite
from stages.sources.relations import relations
from tests.fakes.service_calls import fixture

TIDES = "10.5555/tides.2017.12"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("is-preprint-of", RelationKind.VERSION),
        ("has-preprint", RelationKind.VERSION),
        ("IsVersionOf", RelationKind.VERSION),
        ("HasTranslation", RelationKind.TRANSLATION),
        ("is-translation-of", RelationKind.TRANSLATION),
        ("is-review-of", None),
        ("IsSupplementTo", None),
        ("is-part-of", None),
        ("", None),
    ],
)
def test_versions_and_translations_are_told_from_other_relations(name: str, kind: RelationKind | None) -> None:
    """Reviews, parts, supplements and data are other works."""
    found = relations([(name, "doi", "https://doi.org/10.5555/OTHER")], TIDES, "crossref")
    assert found == ((Relation(kind=kind, doi="10.5555/other", source="crossref"),) if kind else ())


def test_the_work_itself_and_other_identifiers_are_left_out() -> None:
    """Each once, arXiv's by either identifier."""
    named = [
        ("IsVersionOf", "DOI", TIDES.upper()),
        ("IsVersionOf", "arXiv", "arXiv:1701.01234v2"),
        ("IsVersionOf", "DOI", "10.48550/arXiv.1701.01234"),
        ("IsVersionOf", "URL", "https://tides.test"),
        ("IsVersionOf", "DOI", "no DOI"),
    ]
    arxivs = Relation(
        kind=RelationKind.VERSION, doi="10.48550/arxiv.1701.01234", arxiv_id="1701.01234", source="datacite"
    )
    assert relations(named, TIDES, "datacite") == (arxivs,)


def test_crossref_names_preprints_and_original_titles() -> None:
    """Reviews are no versions."""
    work = crossref.parse(fixture("crossref", "list.json"))[0]
    assert [(one.kind, one.doi, one.arxiv_id) for one in work.relations] == [
        (RelationKind.VERSION, "10.48550/arxiv.1701.01234", "1701.01234")
    ]
    assert work.aliases == (Alias(title="Springvloed en het sorteren van grind"),)


@pytest.mark.parametrize("relation", [None, [], {"has-preprint": {}}, {"has-preprint": [7, {"id": 3}, {}]}, "x"])
def test_odd_relations_do_not_cost_the_record(relation: object) -> None:
    """What cannot be read says nothing."""
    item = {"DOI": TIDES, "title": ["Tides"], "relation": relation, "original-title": ["TIDES"]}
    (work,) = crossref.parse(json.dumps({"message": {"items": [item]}}).encode())
    assert (work.relations, work.aliases) == ((), ())


def test_datacite_and_arxiv_name_the_article() -> None:
    """The preprint's record says which article it became, and what it is called elsewhere."""
    version = Relation(kind=RelationKind.VERSION, doi=TIDES, source="datacite")
    preprint = datacite.parse(fixture("datacite", "list.json"))[0]
    assert preprint.relations == (version,)
    assert preprint.aliases == (Alias(title="Les marées de vive eau et le tri du gravier", language="fr"),)
    entry = arxiv.parse(fixture("arxiv", "list.xml"))[0]
    assert entry.relations == (Relation(kind=RelationKind.VERSION, doi=TIDES, source="arxiv"),)
