"""What users write of resolvers and proxies: templates, paths into JSON, and where a proxy's cookie may go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.access import PROXY_NAMES, RESOLVER_NAMES, Resolver, is_rewriting, proxied, proxy_host, proxy_values
from dl_lit.core.json_path import MAX_STEPS, parse_json_path, select
from dl_lit.core.templates import check_address, filled, placeholders

URL = "https://www.some-journal.org/doi/10.5555/1?a=b&c=d"
ANSWER = {
    "best": {"url": "https://a.test/1.pdf"},
    "items": [{"u": "x"}, {"u": 7}, {"u": None}, {"v": True}],
    "a b": ["y"],
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("https://proxy.uni.edu/login?url={url}", f"https://proxy.uni.edu/login?url={URL}"),
        (
            "https://proxy.uni.edu/login?qurl={url_encoded}",
            "https://proxy.uni.edu/login?qurl=https%3A%2F%2Fwww.some-journal.org%2Fdoi%2F10.5555%2F1%3Fa%3Db%26c%3Dd",
        ),
        (
            "https://{host_hyphens}.proxy.uni.edu{path}",
            "https://www-some-journal-org.proxy.uni.edu/doi/10.5555/1?a=b&c=d",
        ),
        ("{scheme}://{host}.proxy.uni.edu{path}", "https://www.some-journal.org.proxy.uni.edu/doi/10.5555/1?a=b&c=d"),
    ],
)
def test_proxies_are_asked_in_their_own_style(template: str, expected: str) -> None:
    check_address(template, PROXY_NAMES, example=proxy_values("https://x/"))
    assert proxied(template, URL) == expected
    assert proxied(template, "https://x.test").endswith(("/", "x.test", "%2Fx.test"))


@pytest.mark.parametrize(
    ("template", "host", "rewrites"),
    [
        ("https://proxy.uni.edu/login?url={url}", "proxy.uni.edu", False),
        ("https://login.proxy.uni.edu/login?url={url}", "proxy.uni.edu", False),
        ("https://login.uni.edu/login?url={url}", "login.uni.edu", False),  # not the whole university
        ("https://{host_hyphens}.proxy.uni.edu{path}", "proxy.uni.edu", True),
    ],
)
def test_a_cookie_goes_to_the_proxy_and_its_own_hosts_alone(template: str, host: str, rewrites: bool) -> None:
    assert (proxy_host(template), is_rewriting(template)) == (host, rewrites)


def test_a_resolver_is_a_service_of_its_own_name_and_host() -> None:
    one = Resolver(name="oa", url="https://api.oa.test:8443/find?id={doi}")
    assert (one.service, one.base_url) == ("resolver-oa", "https://api.oa.test:8443")


@pytest.mark.parametrize(
    "template",
    [
        "https://a.test/{doi",
        "https://a.test/{}",
        "https://a.test/{doi!r}",
        "https://a.test/{doi:>20}",
        "https://a.test/{doi.__class__}",
        "https://a.test/{isbn13}",
        "https://a.test/",
        "https://{doi}/x",
        "ftp://a.test/{doi}",
        "/find/{doi}",
        "https://user@a.test/{doi}",
        "https://a.test/{doi} x",
    ],
)
def test_a_wrong_template_is_told_in_one_line(template: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        check_address(template, RESOLVER_NAMES)


def test_a_template_is_filled_with_what_it_names() -> None:
    template = "https://a.test/{doi}?t={title}&all={{x}}"
    check_address(template, RESOLVER_NAMES)
    assert placeholders(template) == {"doi", "title"}
    assert (
        filled(template, {"doi": "10.5555%2F1", "title": "T", "isbn": "-"}) == "https://a.test/10.5555%2F1?t=T&all={x}"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("best.url", ["https://a.test/1.pdf"]),
        ("items[0].u", ["x"]),
        ("items[-3].u", ["7"]),
        ("items[*].u", ["x", "7"]),
        ("items[*].v", []),
        ('["a b"]', ["y"]),
        ("best[*]", ["https://a.test/1.pdf"]),
        ("items[9].u", []),
        ("best.url.more", []),
        ("items.u", []),
        ("best[0]", []),
        ("nothing.there", []),
    ],
)
def test_a_path_leads_to_texts_or_nowhere(path: str, expected: list[str]) -> None:
    assert select(ANSWER, parse_json_path(path)) == expected


@pytest.mark.parametrize(
    "path", ["", ".a", "a..b", "a.", "a[", "a[x]", "a.[0]", "ab c", "$..a", '[""]', "a" + "[0]" * MAX_STEPS, "a[0]b"]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        parse_json_path(path)


LEAVES = st.none() | st.integers(-1, 9) | st.text("ab", max_size=2)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(alphabet='ab.[]*"0-1 ', max_size=20), DOCUMENTS)
def test_a_path_is_refused_or_leads_somewhere_in_any_document(path: str, document: object) -> None:
    try:
        steps = parse_json_path(path)
    except ValueError:
        return
    assert all(isinstance(one, str) for one in select(document, steps))
