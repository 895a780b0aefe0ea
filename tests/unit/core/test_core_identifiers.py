"""Identifiers come out in one form, whatever they were printed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.identifiers import (
    arxiv_id_of_doi,
    doi_of_arxiv_id,
    find_arxiv_ids,
    find_dois,
    find_isbns,
    find_pmcids,
    find_pmids,
    normalise_arxiv_id,
    normalise_doi,
    normalise_isbn,
    normalise_openalex_id,
    normalise_pmcid,
    normalise_pmid,
)


@pytest.mark.parametrize(
    ("printed", "doi"),
    [
        ("10.1000/182", "10.1000/182"),
        ("https://doi.org/10.1038/NPHYS1170.", "10.1038/nphys1170"),
        ("http://dx.doi.org/10.1016/S0140-6736(05)66545-4", "10.1016/s0140-6736(05)66545-4"),
        ("doi: 10.1021/ja00001a001,", "10.1021/ja00001a001"),
        ("(doi:10.1234/abc(12))", "10.1234/abc(12)"),
        ("(10.1234/abc)", "10.1234/abc"),
        ("https://doi.org/10.1000%2Fxyz123", "10.1000/xyz123"),
        (
            "10.1002/(SICI)1097-0258(19980815)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815)17:15/16<1661::aid-sim968>3.0.co;2-2",
        ),
        (
            "https://onlinelibrary.wiley.com/doi/10.1111/j.1467-8535.2005.00543.x/abstract",
            "10.1111/j.1467-8535.2005.00543.x",
        ),
        ("https://doi.org/10.5281/zenodo.123?utm_source=x", "10.5281/zenodo.123"),
        ("10.1371/journal.pone.0012345.PMID:12345678", "10.1371/journal.pone.0012345"),
        ("10.3389/fpsyg.2014.00585/full", "10.3389/fpsyg.2014.00585"),
        ("no doi here", None),
        ("10.1234/", None),
        ("10.1000/meta", "10.1000/meta"),
        ("10.1234/...", None),
        ("", None),
        (None, None),
    ],
)
def test_a_doi_has_one_form(printed, doi):
    assert normalise_doi(printed) == doi


def test_dois_of_running_text_come_in_order_and_once():
    text = "See 10.1000/b, https://doi.org/10.1000/A; again doi:10.1000/a. And [10.1000/c]. Version 110.1000/no"
    assert find_dois(text) == ["10.1000/b", "10.1000/a", "10.1000/c"]


@given(st.from_regex(r"10\.[1-9][0-9]{3,5}/[a-z0-9]([a-z0-9._\-]{0,20}[a-z0-9])?", fullmatch=True))
def test_normalising_a_doi_twice_changes_nothing(doi):
    once = normalise_doi(doi)
    assert once is None or normalise_doi(once) == once


@given(st.text(max_size=200))
def test_no_text_breaks_the_finders(text):
    for found in (find_dois(text), find_arxiv_ids(text), find_pmids(text), find_pmcids(text), find_isbns(text)):
        assert len(found) == len(set(found))


@given(
    st.from_regex(r"10\.[1-9][0-9]{3}/[a-z]{3}\.[0-9]{3,6}", fullmatch=True),
    st.sampled_from(["", ".", ",", ");", "]", "\u2019", "."]),
)
def test_punctuation_after_a_doi_is_not_the_dois(doi, tail):
    assert find_dois(f"https://doi.org/{doi}{tail} and more") == [doi]


@pytest.mark.parametrize(
    ("printed", "arxiv_id"),
    [
        ("1706.03762", "1706.03762"),
        ("arXiv:1706.03762v5", "1706.03762"),
        ("arXiv:1706.03762v5 [cs.CL]", "1706.03762"),
        ("https://arxiv.org/pdf/0704.0001v2.pdf", "0704.0001"),
        ("http://arxiv.org/abs/hep-th/9901001v3", "hep-th/9901001"),
        ("math.GT/0309136", "math/0309136"),
        ("10.48550/arXiv.2101.00001", "2101.00001"),
        ("1799.12345", None),
        ("12345", None),
        (None, None),
    ],
)
def test_an_arxiv_id_has_one_form(printed, arxiv_id):
    assert normalise_arxiv_id(printed) == arxiv_id


def test_arxiv_ids_are_found_only_where_they_are_named():
    text = (
        "arXiv preprint arXiv:1412.6980, 2014; hep-th/9711200; pages 1234.5678; 1409.0473 [cs.CL]; "
        "arxiv.org/abs/1501.00001v2"
    )
    assert find_arxiv_ids(text) == ["1412.6980", "hep-th/9711200", "1409.0473", "1501.00001"]


@given(st.sampled_from(["1706.03762", "0704.0001", "hep-th/9901001", "math/0309136"]))
def test_arxivs_dois_and_ids_go_both_ways(arxiv_id):
    assert arxiv_id_of_doi(doi_of_arxiv_id(arxiv_id)) == arxiv_id
    assert arxiv_id_of_doi("10.1000/182") is None


def test_pubmed_ids():
    assert normalise_pmid("PMID: 12345678.") == "12345678"
    assert normalise_pmid("https://pubmed.ncbi.nlm.nih.gov/12345678/") == "12345678"
    assert normalise_pmid(123) == "123"
    assert normalise_pmid("abc") is None
    assert normalise_pmid(None) is None
    assert find_pmids("x [PMID: 1234567] http://www.ncbi.nlm.nih.gov/pubmed/7654321, 9999999") == ["1234567", "7654321"]
    assert normalise_pmcid("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1397864/") == "PMC1397864"
    assert normalise_pmcid("PMCID: PMC42") == "PMC42"
    assert normalise_pmcid("42") is None
    assert normalise_pmcid(None) is None
    assert find_pmcids("PMC1234567; pmc 7654321") == ["PMC1234567", "PMC7654321"]


@pytest.mark.parametrize(
    ("printed", "isbn"),
    [
        ("0-306-40615-2", "9780306406157"),
        ("ISBN 978-0-306-40615-7", "9780306406157"),
        ("ISBN-13: 978 0 306 40615 7.", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("0-306-40615-3", None),
        ("978-0-306-40615-8", None),
        ("١٢٣٤٥٦٧٨٩٠", None),
        ("", None),
    ],
)
def test_an_isbn_is_thirteen_checked_digits(printed, isbn):
    assert normalise_isbn(printed) == isbn


@given(st.from_regex(r"97[89][0-9]{9}", fullmatch=True), st.integers(1, 9))
def test_a_wrong_check_digit_is_no_isbn(first, off):
    right = next(f"{first}{d}" for d in range(10) if normalise_isbn(f"{first}{d}"))
    assert normalise_isbn(f"{first}{(int(right[-1]) + off) % 10}") is None


def test_isbns_in_text_need_their_name_when_they_have_ten_digits():
    assert find_isbns("ISBN 0-306-40615-2; tel. 0306406152; 9780804429573") == ["9780306406157", "9780804429573"]


def test_openalex_ids():
    assert normalise_openalex_id("https://openalex.org/W2741809807") == "W2741809807"
    assert normalise_openalex_id("w2741809807") == "W2741809807"
    assert normalise_openalex_id("A123") is None
    assert normalise_openalex_id(None) is None


def test_an_old_wiley_doi_is_found_whole_and_once() -> None:
    """Its angle brackets end an ordinary DOI; the longer reading wins."""
    doi = "10.1002/(sici)1097-0258(19980815)17:15/16<1661::aid-sim968>3.0.co;2-2"
    assert find_dois(f"Stat Med 1998. doi:{doi.upper()} and 10.1000/182.") == [doi, "10.1000/182"]


def test_ten_digits_without_the_word_isbn_are_none() -> None:
    """Telephone and grant numbers look the same."""
    assert find_isbns("call 0306406152 now") == []
    assert find_isbns("ISBN 0306406152") == ["9780306406157"]
