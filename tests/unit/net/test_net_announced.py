"""What services say about their limits in their answers' headers, in the shapes that were recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.learning import Announced
from dl_lit.core.services import BY_NAME
from dl_lit.net.announced import said
from dl_lit.net.report import Said

NOW = 1_795_435_200.0
CROSSREF = {
    "x-api-pool": "polite-array",
    "x-rate-limit-limit": "3",
    "x-rate-limit-interval": "1s",
    "x-concurrency-limit": "3",
}
OPENALEX = {
    "x-ratelimit-limit": "10000",
    "x-ratelimit-remaining": "9987",
    "x-ratelimit-credits-used": "1",
    "x-ratelimit-reset": "43200",
}


def test_crossref_names_pool_rate_and_concurrency() -> None:
    rate = Announced(permits=3, seconds=1.0, concurrency=3, is_polite=True)
    assert said(BY_NAME["crossref"], CROSSREF, NOW) == Said(rate=rate)
    public = said(BY_NAME["crossref"], {**CROSSREF, "x-api-pool": "public-single"}, NOW)
    assert public is not None
    assert public.rate is not None
    assert public.rate.is_polite is False


@pytest.mark.parametrize(
    ("interval", "seconds"), [("1s", 1.0), ("0.05s", 0.05), ("500ms", 0.5), ("1m", 60.0), ("2", 2.0), ("1h", 3_600.0)]
)
def test_intervals_come_in_any_unit(interval: str, seconds: float) -> None:
    found = said(BY_NAME["crossref"], {"x-rate-limit-limit": "50", "x-rate-limit-interval": interval}, NOW)
    assert found is not None
    assert found.rate == Announced(permits=50, seconds=seconds)


@pytest.mark.parametrize("interval", ["soon", "0s", "-1s"])
def test_an_interval_that_says_nothing_leaves_the_rate_out(interval: str) -> None:
    found = said(BY_NAME["crossref"], {**CROSSREF, "x-rate-limit-interval": interval}, NOW)
    assert found is not None
    assert found.rate == Announced(concurrency=3, is_polite=True)


def test_openalex_counts_credits_by_the_day() -> None:
    assert said(BY_NAME["openalex"], OPENALEX, NOW) == Said(
        credits_per_day=10_000, credits_left=9_987, resets_in_s=43_200.0
    )
    assert said(BY_NAME["openalex"], {"x-ratelimit-remaining": "-3"}, NOW) is None


def test_ncbi_counts_by_the_second() -> None:
    headers = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0"}
    assert said(BY_NAME["pubmed"], headers, NOW) == Said(rate=Announced(permits=10))


@pytest.mark.parametrize(
    ("reset", "rest_s"),
    [("20", 20.0), (f"{NOW + 30:.0f}", 30.0), (f"{(NOW + 40) * 1000:.0f}", 40.0), ("99999", 3_600.0)],
)
def test_a_window_that_is_used_up_is_waited_for(reset: str, rest_s: float) -> None:
    """As seconds, as a moment, in milliseconds; never longer than an hour on a header's word."""
    headers = {"x-ratelimit-limit": "133", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    assert said(BY_NAME["hal"], headers, NOW) == Said(rest_s=rest_s)
    assert said(BY_NAME["hal"], {**headers, "x-ratelimit-remaining": "12"}, NOW) is None


def test_the_drafted_standard_is_read() -> None:
    found = said(BY_NAME["hal"], {"ratelimit-policy": '"default";q=100, 100;w=60'}, NOW)
    assert found == Said(rate=Announced(permits=100, seconds=60.0))
    assert said(BY_NAME["hal"], {"ratelimit-policy": "0;w=60"}, NOW) is None


@given(
    st.sampled_from(["crossref", "openalex", "pubmed", "hal"]),
    st.dictionaries(
        st.sampled_from([*CROSSREF, *OPENALEX, "ratelimit-policy", "ratelimit-reset"]), st.text(max_size=20)
    ),
)
def test_headers_may_say_anything(service: str, headers: dict[str, str]) -> None:
    found = said(BY_NAME[service], headers, NOW)
    if found is not None and found.rate is not None:
        assert found.rate.seconds > 0
        assert found.rate.permits is None or found.rate.permits >= 0
