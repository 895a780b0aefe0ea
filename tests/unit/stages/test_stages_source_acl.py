"""The ACL Anthology: one BibTeX file for each DOI of its prefixes."""

from __future__ import annotations

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import HostType, Location, Name, Version, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import acl
from tests.fakes.service_calls import FakeServiceCalls, fixture

SHORES = "10.18653/v1/2021.shores-main.208"


@pytest.mark.parametrize(
    ("doi", "identifier"),
    [
        ("10.18653/v1/n18-1202", "N18-1202"),
        ("10.3115/v1/p14-1062", "P14-1062"),
        (SHORES, "2021.shores-main.208"),
        ("10.18653/v1/2020.findings-emnlp.1", "2020.findings-emnlp.1"),
        ("10.3115/1073083.1073135", None),  # ACM made these: they do not say which paper
        ("10.18653/v1/../../x", None),
        ("10.1162/coli.2010.36.1.36100", None),
    ],
)
def test_identifiers_follow_from_dois(doi: str, identifier: str | None) -> None:
    """Old ones begin with a capital letter, new ones have small letters only."""
    assert acl.acl_id(doi) == identifier


def test_a_file_is_read() -> None:
    """Accents, braces and dashes are LaTeX's; the Anthology's own copy is open."""
    work = acl.parse(fixture("acl", "list.bib"))
    assert (work.title, work.year, work.type) == (
        "Spring Tides: Sorting Gravel with BEACH-Net & Others",
        2021,
        WorkType.PAPER_CONFERENCE,
    )
    assert work.authors == (
        Name(family="van der Lee", given="Marit"),
        Name(family="Öst", given="Tobias"),
        Name(family="Černý", given="Jan"),
    )
    assert (work.doi, work.pages, work.container_title, work.publisher) == (
        SHORES,
        "2627-2640",
        "Proceedings of the 2021 Conference on Shores",
        "Association for Shores",
    )
    assert work.locations == (
        Location(
            url="https://aclanthology.org/2021.shores-main.208.pdf",
            host_type=HostType.REPOSITORY,
            version=Version.PUBLISHED,
            found_by="acl",
        ),
    )


def test_an_ugly_file_is_read() -> None:
    """Comments, numbers without quotes, other people's addresses."""
    work = acl.parse(fixture("acl", "ugly.bib"))
    assert (work.year, work.volume, work.issue, work.pages, work.doi) == (1999, "25", "1", "7", None)
    assert work.title.startswith('On kelp, "quoted" and')
    assert (work.type, work.authors, work.locations) == (
        WorkType.ARTICLE_JOURNAL,
        (Name(literal="The Kelp Survey Group"),),
        (),
    )


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"@inproceedings{x, year = 1999}", b"@broken{", b"\xff"])
def test_what_is_no_bibtex_establishes_nothing(body: bytes) -> None:
    """It is a bad answer, not an absence."""
    with pytest.raises(ServiceError) as raised:
        acl.parse(body)
    assert raised.value.reason is Reason.BAD_ANSWER


def test_only_its_own_dois_are_asked_for() -> None:
    """One file each; a 404 says that there is none; another paper's file is not taken."""
    calls = FakeServiceCalls(
        {"acl": lambda request: 404 if request.path == "/N18-1202.bib" else fixture("acl", "list.bib")}
    )
    found = acl.by_dois(calls, [SHORES, "10.18653/v1/n18-1202", "10.18653/v1/p19-1001", "10.5555/other"])
    assert set(found.works) == {SHORES}
    assert not found.unanswered
    assert [request.path for request in calls.asked] == ["/2021.shores-main.208.bib", "/N18-1202.bib", "/P19-1001.bib"]
