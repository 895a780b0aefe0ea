"""Whatever bytes a service sends, a parser gives values or raises the typed error."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from dl_lit.core.errors import ServiceError
from stages.sources import (
    acl,
    agencies,
    doi_org,
    europepmc,
    hal,
    inspire,
    open_library,
    opencitations,
    pubmed,
    semantic_scholar,
)
from tests.fakes.service_calls import fixture

PARSERS: dict[str, Callable[[bytes], Any]] = {
    "acl": acl.parse,
    "agencies": agencies.parse,
    "doi": doi_org.parse,
    "europepmc": europepmc.parse,
    "europepmc references": europepmc.parse_references,
    "hal": hal.parse,
    "inspire": inspire.parse,
    "inspire references": inspire.parse_references,
    "open_library": open_library.parse,
    "open_library search": open_library.parse_search,
    "opencitations": opencitations.parse,
    "opencitations references": opencitations.parse_references,
    "pubmed": pubmed.parse,
    "pubmed matches": pubmed.parse_matches,
    "semantic_scholar": semantic_scholar.parse,
    "semantic_scholar batch": partial(semantic_scholar.parse_batch, wanted=1),
    "semantic_scholar references": semantic_scholar.parse_references,
}

PLAIN = {
    "doi": "list.json",
    "europepmc": "works.json",
    "europepmc references": "references.json",
    "hal": "list.json",
    "inspire": "list.json",
    "inspire references": "references.json",
    "open_library": "list.json",
    "open_library search": "search.json",
    "opencitations": "list.json",
    "pubmed": "list.json",
    "semantic_scholar": "list.json",
    "semantic_scholar references": "references.json",
}
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-9, 3000), st.floats(allow_nan=False), st.text(max_size=12))
NAMES = st.sampled_from(["title", "results", "response", "hits", "data", "id", "DOI", "author", "uids"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


def spoilt(value: Any, data: st.DataObject) -> Any:
    """`value` with one part of it, at any depth, replaced."""
    names = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not names or data.draw(st.integers(0, 4)) == 0:
        return data.draw(VALUES)
    name = data.draw(st.sampled_from(names))
    value[name] = spoilt(value[name], data)
    return value


@pytest.mark.parametrize("name", sorted(PLAIN))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_part_of_another_shape_does_no_harm(name: str, data: st.DataObject) -> None:
    """A good body of which one part is something else."""
    body = json.loads(fixture(name.split(maxsplit=1)[0], PLAIN[name]))
    with suppress(ServiceError):
        PARSERS[name](json.dumps(spoilt(body, data)).encode())


def parsed_by_all(body: bytes) -> None:
    for name, parse in PARSERS.items():
        note(name)
        with suppress(ServiceError):
            parse(body)


@settings(max_examples=100, deadline=None)
@given(value=VALUES)
def test_json_of_any_shape_does_no_harm(value: Any) -> None:
    parsed_by_all(json.dumps(value).encode())


@settings(max_examples=100, deadline=None)
@given(body=st.one_of(st.binary(max_size=80), st.text(alphabet='@{}=",|\n a1', max_size=40).map(str.encode)))
def test_bytes_of_any_kind_do_no_harm(body: bytes) -> None:
    parsed_by_all(body)
