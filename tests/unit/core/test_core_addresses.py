"""DOIs are found in addresses of publishers, resolvers, proxies and search engines."""

import pytest

from dl_lit.core.addresses import dois_of_address, dois_of_addresses
from dl_lit.core.identifiers import find_dois, normalise_doi


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("https://doi.org/10.1177/0160017607301605%20", "10.1177/0160017607301605"),
        ("https://doi.org/DOI:%2010.1126/science.aaf7891", "10.1126/science.aaf7891"),
        ("https://www.scopus.com/x?doi=10.1016/j.cell.2019.01.001&key=abc", "10.1016/j.cell.2019.01.001"),
        (
            "https://scholar.google.com/scholar_lookup?title=Some+Thing&author=A&publication_year=2001&doi=10.1000%2Fabc&pages=1-2",
            "10.1000/abc",
        ),
        ("https://link.springer.com/article/10.1007/s00212-019-02487-1#Sec3", "10.1007/s00212-019-02487-1"),
        ("https://link.springer.com/content/pdf/10.1007%2F978-3-319-39415-2_3.pdf", "10.1007/978-3-319-39415-2_3"),
        ("https://onlinelibrary.wiley.com/doi/abs/10.1002/xyz.123", "10.1002/xyz.123"),
        (
            "https://www.tandfonline.com/doi/full/10.1080/01621459.2017.1285773?src=recsys",
            "10.1080/01621459.2017.1285773",
        ),
        ("https://doi-org.proxy.univ.edu/10.1000/x.1?sid=3", "10.1000/x.1"),
        ("https://pubs.acs.org/doi/10.1021/jf060181+", "10.1021/jf060181+"),
        ("http://libproxy.edu/login?url=https://doi.org/10.1000/x.1", "10.1000/x.1"),
        ("http://libproxy.edu/login?qurl=https%3A%2F%2Fdoi.org%2F10.1000%2Fx.1%26via%3Dy", "10.1000/x.1"),
        (
            "https://academic.oup.com/bioinformatics/article-lookup/doi/10.1093/bioinformatics/btt656",
            "10.1093/bioinformatics/btt656",
        ),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0193451", "10.1371/journal.pone.0193451"),
        (
            "https://journals.plos.org/plosone/article/file?id=10.1371/journal.pone.0193451&type=printable",
            "10.1371/journal.pone.0193451",
        ),
        ("https://www.frontiersin.org/articles/10.3389/fmicb.2018.01096/full", "10.3389/fmicb.2018.01096"),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v2.full.pdf", "10.1101/2020.01.01.123456"),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v1", "10.1101/2020.01.01.123456"),
        ("https://chooser.crossref.org/?doi=10.1000%2Fx", "10.1000/x"),
        (
            "https://doi.org/10.1002/(SICI)1097-0258(19980815)17:15/16%3C1661::AID-SIM968%3E3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815)17:15/16<1661::aid-sim968>3.0.co;2-2",
        ),
        ("https://doi.org/10.1000%252Fx%252Dy", "10.1000/x-y"),
        ("https://dx.doi.org/doi:10.1000/abc.def", "10.1000/abc.def"),
        ("http://dx.doi.org/10.1016/S0140-6736(02)11913-1.", "10.1016/s0140-6736(02)11913-1"),
        ("https://ieeexplore.ieee.org/document/?doi=10.1109/5.771073&arnumber=77", "10.1109/5.771073"),
        ("https://www.nejm.org/doi/pdf/10.1056/NEJMoa1200303?articleTools=true", "10.1056/nejmoa1200303"),
        ("https://iopscience.iop.org/article/10.1088/0264-9381/32/7/074001/meta", "10.1088/0264-9381/32/7/074001"),
        ("https://journals.aps.org/prl/abstract/10.1103/PhysRevLett.116.061102", "10.1103/physrevlett.116.061102"),
        ("https://www.science.org/doi/epdf/10.1126/science.aaf7891", "10.1126/science.aaf7891"),
        ("https://zenodo.org/badge/DOI/10.5281/zenodo.1234567.svg", "10.5281/zenodo.1234567"),
        ("https://royalsocietypublishing.org/doi/suppl/10.1098/rsos.160908", "10.1098/rsos.160908"),
        (
            "https://www.pnas.org/content/pnas/early/2019/doi/10.1073/pnas.1900001116/-/DCSupplemental",
            "10.1073/pnas.1900001116",
        ),
        (
            "https://agupubs.onlinelibrary.wiley.com/doi/10.1029/2018GL080102/abstract;jsessionid=5B",
            "10.1029/2018gl080102",
        ),
        ("https://search.proquest.com/openview?rft_id=info:doi/10.1000/xyz&rft.date=2001", "10.1000/xyz"),
        ("http://resolver.edu/sfx?id=doi:10.1000%2Fxyz&sid=Elsevier:Scopus", "10.1000/xyz"),
    ],
)
def test_the_doi_of_an_address_is_found_whole(address, doi):
    assert dois_of_address(address) == [doi]


@pytest.mark.parametrize(
    "address",
    [
        "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=12",
        "https://www.cambridge.org/core/product/identifier/S000123/type/journal_article",
        "mailto:someone@example.org",
        "",
        "https://example.org/10.1/",
    ],
)
def test_an_address_without_doi_has_none(address):
    assert dois_of_address(address) == []


def test_dois_of_several_addresses_come_once_each_in_order():
    addresses = ["https://doi.org/10.1000/b", "https://x.org/?doi=10.1000%2Fa", "https://dx.doi.org/10.1000/B"]
    assert dois_of_addresses(addresses) == ["10.1000/b", "10.1000/a"]


def test_a_plus_that_belongs_to_a_doi_is_kept():
    assert find_dois("see 10.1021/jf060181+.") == ["10.1021/jf060181+"]
    assert normalise_doi("10.1000/abc+") == "10.1000/abc"


def test_a_space_that_was_encoded_ends_a_doi():
    assert find_dois("https://doi.org/10.1177/0160017607301605%20x") == ["10.1177/0160017607301605"]
