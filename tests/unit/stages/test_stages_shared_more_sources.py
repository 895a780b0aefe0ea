"""Real recorded answers of the smaller services parse to something sensible or raise the typed error."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Work
from stages.sources import acl, doi_org, europepmc, opencitations, semantic_scholar
from tests.unit.stages.test_stages_shared_recordings import FOLDER, check, recordings

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared is absent")]


def test_europepmc_results_of_real_articles() -> None:
    """Each of eleven open articles has title, people, year, journal and identifiers."""
    works: list[Work] = []
    for path in sorted((FOLDER / "europepmc" / "raw").glob("*_eupmc_result.json")):
        full: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["full"]
        works += europepmc.parse(json.dumps({"hitCount": 1, "resultList": {"result": [full]}}).encode())
    assert len(works) >= 10
    for work in works:
        check(work)
        assert work.doi
        assert work.pmcid
        assert work.authors
        assert work.year
        assert work.container_title


def test_europepmc_errors_inside_a_200() -> None:
    """They are reported, and establish nothing."""
    body = json.loads((FOLDER / "_reported" / "europepmc_200_error.json").read_text(encoding="utf-8"))["body"]
    with pytest.raises(ServiceError, match="Invalid page size"):
        europepmc.parse(body.encode())


def test_semantic_scholar_batches_matches_and_lists() -> None:
    """Every recorded batch, match and list parses; a list that is held back is told as such."""
    counts = {"batch": 0, "match": 0, "references": 0}
    held_back = []
    for record in recordings("semanticscholar"):
        path = urlsplit(record["request"]["url"]).path
        if record["status"] != 200 or "/graph/v1/paper/" not in path:
            continue
        kind = path.rpartition("/")[2]
        if kind == "batch":
            sent = record["request"].get("body")
            wanted = len(json.loads(sent)["ids"]) if sent and sent.startswith("{") else 0
            answered = json.loads(record["bytes"])
            works = semantic_scholar.parse_batch(record["bytes"], len(answered))
            assert not wanted or len(works) == wanted, record["file"]
            for work in works:
                if work:
                    check(work)
        elif kind == "match":
            for work in semantic_scholar.parse(record["bytes"]):
                check(work)
                assert work.doi or work.arxiv_id or work.url
        elif kind == "references":
            listed, _, is_held_back = semantic_scholar.parse_references(record["bytes"])
            held_back += [record["file"]] if is_held_back else []
            assert all(entry.title for entry in listed)
            assert listed or is_held_back
        else:
            continue
        counts[kind] += 1
    assert all(count >= 3 for count in counts.values()), counts
    assert held_back == ["litpipe__references_elided_by_publisher.json"]


def test_opencitations_of_other_versions_are_told_from_answers() -> None:
    """The first version's answers name no kinds of identifiers: nothing is read out of them."""
    bodies = [record["bytes"] for record in recordings("opencitations") if b'"cited"' in record["bytes"]]
    assert len(bodies) >= 4
    assert [opencitations.parse_references(body) for body in bodies] == [[]] * len(bodies)
    for record in recordings("opencitations"):
        if b'"reference"' in record["bytes"]:
            with pytest.raises(ServiceError):
                opencitations.parse(record["bytes"])


def test_csl_json_and_bibtex_of_content_negotiation() -> None:
    """What Crossref answers there has the shape that the smaller agencies, and the Anthology's files, have."""
    csl, bibtex = [], []
    for record in recordings("crossref"):
        if record["status"] == 200 and "/transform" in record["request"]["url"]:
            if record["bytes"].startswith(b"{"):
                csl.append(doi_org.parse(record["bytes"]))
            elif record["bytes"].lstrip().startswith(b"@") and b" title" in record["bytes"]:
                bibtex.append(acl.parse(record["bytes"]))
    assert len(csl) >= 2
    assert len(bibtex) >= 12
    for work in [*csl, *bibtex]:
        assert work
        check(work)
        assert work.doi
