"""Whom to ask first."""

import pytest

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings.load import load


def test_the_order_of_sources_is_read_from_file_and_environment(tmp_path):
    assert load(env={}).settings.sources.order == ()
    assert load(env={"DL_LIT_SOURCES_ORDER": "inspire, crossref"}).settings.sources.order == ("inspire", "crossref")
    file = tmp_path / "config.toml"
    file.write_text('[sources]\norder = ["hal"]\n')
    assert load(config=file, env={}).settings.sources.order == ("hal",)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (
            "crossref,scholar",
            r"sources\.order \(env DL_LIT_SOURCES_ORDER\): 'scholar' is no source; .* openalex, crossref",
        ),
        ("unpaywall", "'unpaywall' is no source"),
        ("hal,hal", "named twice"),
    ],
)
def test_unknown_names_are_refused_in_one_line(order, told):
    with pytest.raises(NeedsConfiguration, match=told) as raised:
        load(env={"DL_LIT_SOURCES_ORDER": order})
    assert "\n" not in str(raised.value)


def test_a_service_that_is_only_for_those_with_a_key_is_missed_by_nobody():
    without = load(env={}).settings.services["semantic_scholar"]
    assert (without.available, without.is_missed) == (False, False)
    key = load(env={"DL_LIT_SEMANTIC_SCHOLAR_KEY": "k"}).settings.services["semantic_scholar"]
    assert (key.available, key.is_missed) == (True, False)
    off = load(env={"DL_LIT_SEMANTIC_SCHOLAR_ENABLED": "false"}).settings.services["semantic_scholar"]
    assert (off.available, off.is_missed) == (False, True)
