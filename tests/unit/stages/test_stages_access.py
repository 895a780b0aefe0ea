"""The user's own rights: after all open copies, only where they were set, and said in the trail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from dl_lit.core.access import Resolver
from dl_lit.core.errors import ServiceError
from dl_lit.core.model import HostType, Location, Version, Work, WorkType
from dl_lit.core.ports import Located
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Reply
from stages.access import resolvers
from stages.access.locating import WithOwnRights
from stages.access.rights import Rights
from stages.locators.preference import Preference
from tests.fakes.service_calls import FakeServiceCalls, Handler

WORK = Work(title="Tides & harbours", type=WorkType.ARTICLE_JOURNAL, doi="10.1016/j.tide.2017(1)/2", year=2017)
OPEN = Location(url="https://repo.test/1.pdf", host_type=HostType.REPOSITORY, found_by="openalex")
PAYWALLED = Location(url="https://journal.test/1", is_pdf=False, host_type=HostType.PUBLISHER, found_by="unpaywall")
PROXY = "https://proxy.uni.edu/login?qurl={url_encoded}"
JSON = Resolver(name="oa", url="https://api.oa.test/find/{doi}?t={title}&x=", path="data[*].url", doi="data[0].doi")
HTML = Resolver(name="lib", url="https://lib.test/r?id={doi}", mode="html", selector="a.pdf", version=Version.ACCEPTED)


@dataclass
class OpenCopies:
    """Gives the same open copies each time, but for those that are known."""

    found: tuple[Location, ...] = ()
    asked: list[tuple[Location, ...]] = field(default_factory=list)

    def first(self, work: Work) -> Located:
        del work
        return Located(locations=self.found)

    def further(self, work: Work, known: Sequence[Location]) -> Located:
        del work
        self.asked.append(tuple(known))
        return Located(locations=tuple(one for one in self.found if one not in known))


def further(
    rights: Rights, known: Sequence[Location] = (), *, found: tuple[Location, ...] = (), work: Work = WORK
) -> Located:
    return WithOwnRights(OpenCopies(found), FakeServiceCalls(), rights).further(work, known)


def test_nothing_is_added_where_nothing_was_set() -> None:
    assert Rights().are_none
    assert further(Rights(), [OPEN]) == Located()


def test_open_copies_come_alone_until_they_failed() -> None:
    """The proxy is not asked while an open copy has not been tried."""
    rights = Rights(proxy=PROXY)
    assert WithOwnRights(OpenCopies((OPEN,)), FakeServiceCalls(), rights).first(WORK).locations == (OPEN,)
    assert further(rights, found=(OPEN,)).locations == (OPEN,)
    behind = further(rights, [PAYWALLED], found=(OPEN,))
    assert [place.found_by for place in behind.locations] == ["openalex", "proxy", "proxy"]


def test_the_proxy_is_asked_for_publishers_addresses_alone() -> None:
    told = further(Rights(proxy=PROXY), [OPEN, PAYWALLED])
    assert [place.url for place in told.locations] == [
        "https://proxy.uni.edu/login?qurl=https%3A%2F%2Fjournal.test%2F1",
        "https://proxy.uni.edu/login?qurl=https%3A%2F%2Fdoi.org%2F10.1016%2Fj.tide.2017%281%29%2F2",
    ]
    assert all(place.host_type is HostType.PUBLISHER and not place.is_pdf for place in told.locations)
    assert [(one.service, one.how, one.reply) for one in told.asked] == [("proxy", "own-rights", Reply.FOUND)]
    assert further(Rights(proxy=PROXY), [OPEN, PAYWALLED, *told.locations]).locations == ()
    assert further(Rights(proxy=PROXY), work=replace(WORK, doi=None)).locations == ()


@pytest.mark.parametrize(
    ("doi", "expected"),
    [
        (
            WORK.doi,
            ["https://api.e.test/content/article/doi/10.1016%2Fj.tide.2017%281%29%2F2?httpAccept=application/pdf"],
        ),
        ("10.1002/tide.1", ["https://api.w.test/onlinelibrary/tdm/v1/articles/10.1002%2Ftide.1"]),
        ("10.1038/tide", []),
        (None, []),
    ],
)
def test_keys_of_publishers_serve_their_own_dois(doi: str | None, expected: list[str]) -> None:
    rights = Rights(elsevier_url="https://api.e.test", wiley_url="https://api.w.test")
    told = further(rights, work=replace(WORK, doi=doi))
    assert [place.url for place in told.locations] == expected
    assert {place.found_by for place in told.locations} <= {"publisher_tdm"}
    only_wiley = further(replace(rights, elsevier_url=None), work=WORK)
    assert only_wiley.locations == ()


def test_a_resolver_is_asked_with_encoded_values_and_read_by_its_path() -> None:
    told = {"url": "/1.pdf", "doi": "https://doi.org/10.1016/J.TIDE.2017(1)/2"}
    body = json.dumps({"data": [told, {"url": "javascript:x"}, {"url": None}, {"url": "ftp://a.test/1.pdf"}]}).encode()
    calls = FakeServiceCalls({"resolver-oa": lambda _: body})
    (place,) = resolvers.locate(calls, JSON, WORK)
    assert (place.url, place.found_by) == ("https://resolver-oa.test/1.pdf", "resolver-oa")
    (asked,) = calls.asked
    assert asked.path == "/find/10.1016%2Fj.tide.2017%281%29%2F2"
    assert asked.params == {"t": "Tides & harbours", "x": ""}


@pytest.mark.parametrize(
    ("resolver", "body", "expected"),
    [
        (JSON, b'{"data": [{"url": "https://a.test/1.pdf", "doi": "10.5555/other"}]}', []),
        (JSON, b'{"data": [{"url": "https://a.test/1.pdf"}]}', []),
        (replace(JSON, doi=""), b'{"data": [{"url": "https://a.test/1.pdf"}]}', ["https://a.test/1.pdf"]),
        (replace(JSON, doi=""), b"[]", []),
        (HTML, b'<a class=pdf href="../1.pdf">x</a><a class=pdf>y</a><a href=z>', ["https://lib.test/1.pdf"]),
        (replace(HTML, attribute="text"), b"<a class=pdf>https://a.test/2.pdf</a>", ["https://a.test/2.pdf"]),
        (replace(HTML, doi="meta[name=doi]"), b'<meta name=doi content="10.5555/o"><a class=pdf href="1.pdf">', []),
        (
            replace(HTML, doi="meta[name=doi]"),
            b'<meta name=doi content="10.1016/j.tide.2017(1)/2"><a class=pdf href="//a.test/1.pdf">',
            ["https://a.test/1.pdf"],
        ),
        (HTML, b'<a class=pdf href="http://[x">', []),
    ],
)
def test_what_a_resolver_names_is_believed_only_for_this_work(
    resolver: Resolver, body: bytes, expected: list[str]
) -> None:
    places = resolvers.parse(body, "https://lib.test/deep/page", resolver, WORK)
    assert [place.url for place in places] == expected
    assert {place.version for place in places} <= {resolver.version}


def test_a_resolver_that_fails_is_told_and_costs_the_others_nothing() -> None:
    replies: dict[str, Handler] = {"resolver-oa": lambda _: b"no json", "resolver-lib": lambda _: 404}
    rights = Rights(resolvers=(JSON, HTML, replace(HTML, name="isbn", url="https://i.test/{isbn}")), proxy=PROXY)
    told = WithOwnRights(OpenCopies(), FakeServiceCalls(replies), rights).further(WORK, ())
    assert [(one.service, one.reply) for one in told.asked] == [
        ("resolver-oa", Reply.FAILED),
        ("resolver-lib", Reply.ABSENT),
        ("resolver-isbn", Reply.NOT_ASKED),
        ("proxy", Reply.FOUND),
    ]
    assert [(error.service, error.reason) for error in told.errors] == [("resolver-oa", Reason.BAD_ANSWER)]
    refused = WithOwnRights(OpenCopies(), FakeServiceCalls({"resolver-lib": lambda _: 400}), Rights(resolvers=(HTML,)))
    assert [one.reply for one in refused.further(WORK, ()).asked] == [Reply.REFUSED]
    assert refused.further(WORK, ()).errors == ()


def test_a_resolver_may_be_for_some_kinds_of_work() -> None:
    assert resolvers.is_worth_asking(HTML, WORK)
    assert not resolvers.is_worth_asking(replace(HTML, types=("book",)), WORK)
    with pytest.raises(ServiceError):
        resolvers.parse(b"{", "https://x.test", JSON, WORK)


def test_hosts_that_the_settings_exclude_stay_excluded() -> None:
    rights = Rights(proxy=PROXY)
    given = WithOwnRights(OpenCopies(), FakeServiceCalls(), rights, Preference(exclude_hosts=("uni.edu",)))
    assert given.further(WORK, ()).locations == ()
