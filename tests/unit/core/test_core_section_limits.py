"""How much is done at once for the sections that models read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.section_limits import MEMORY_PATIENCE_S, SectionLimits, SectionWork

TASKS, SPLITS, UPLOADS = SectionWork
LIMITS = st.builds(
    SectionLimits,
    tasks=st.integers(0, 12),
    splits=st.integers(0, 12),
    uploads=st.integers(0, 12),
    is_concurrent=st.booleans(),
    watches_memory=st.booleans(),
    most_memory_mb=st.floats(1, 2_000),
    throttle_memory_mb=st.floats(1, 2_000),
)


def test_each_kind_has_its_limit_and_its_time() -> None:
    limits = SectionLimits()
    assert {kind: limits.most(kind) for kind in SectionWork} == {TASKS: 5, SPLITS: 4, UPLOADS: 3}
    assert {kind: limits.time_s(kind) for kind in SectionWork} == {TASKS: 600.0, SPLITS: 122.0, UPLOADS: 302.0}


@pytest.mark.parametrize(
    ("memory_mb", "running", "short_s", "may"),
    [
        (767.0, 3, 0.0, True),
        (767.0, 5, 0.0, False),
        (768.0, 1, 0.0, False),
        (768.0, 0, 0.0, True),
        (1_024.0, 0, 0.0, False),
        (1_024.0, 0, MEMORY_PATIENCE_S, True),
        (1_024.0, 1, MEMORY_PATIENCE_S, False),
    ],
)
def test_little_memory_means_one_at_a_time_and_less_means_none_for_a_while(
    memory_mb: float, running: int, short_s: float, may: bool
) -> None:
    assert SectionLimits().may_begin(TASKS, running, memory_mb, short_s) is may


@given(LIMITS, st.sampled_from(SectionWork), st.integers(0, 15), st.floats(0, 9_000), st.floats(0, 60))
def test_no_limit_is_exceeded_and_nothing_waits_for_ever(
    limits: SectionLimits, kind: SectionWork, running: int, memory_mb: float, short_s: float
) -> None:
    may = limits.may_begin(kind, running, memory_mb, short_s)
    assert not (may and running >= limits.most(kind))
    assert not (may and running and not limits.is_concurrent)
    assert limits.may_begin(kind, 0, memory_mb, MEMORY_PATIENCE_S)
    if may:  # less memory in use, or fewer at work, never forbids what was allowed
        assert limits.may_begin(kind, running, memory_mb / 2, short_s)
        assert limits.may_begin(kind, 0, memory_mb, max(short_s, MEMORY_PATIENCE_S))


@given(LIMITS, st.integers(0, 15), st.floats(0, 9_000))
def test_uploads_and_unwatched_work_know_only_their_limit(
    limits: SectionLimits, running: int, memory_mb: float
) -> None:
    assert limits.may_begin(UPLOADS, running, memory_mb, 0.0) == (running < limits.most(UPLOADS))
    if not limits.watches_memory:
        assert limits.may_begin(TASKS, running, memory_mb, 0.0) == (running < limits.most(TASKS))
