"""Volume, issue and pages are written in one way, however they are printed."""

from __future__ import annotations

import pytest

from dl_lit.core.volume_and_pages import tidy_issue, tidy_pages, tidy_volume


@pytest.mark.parametrize(
    ("printed", "written"), [("Vol. 12", "12"), ("Bd. 7,", "7"), ("XIV", "XIV"), ("(41)", "41"), ("vol.", None)]
)
def test_volumes_are_written_without_their_word(printed: str, written: str | None) -> None:
    assert tidy_volume(printed) == written


@pytest.mark.parametrize(
    ("printed", "written"),
    [("no. 3", "3"), ("Suppl. A", "Suppl. A"), ("2-3", "2-3"), ("Spring", None), ("nr.", None), (None, None)],
)
def test_issues_are_written_without_their_word_and_have_a_number(printed: str | None, written: str | None) -> None:
    assert tidy_issue(printed) == written


@pytest.mark.parametrize(
    ("printed", "written"), [("345 \u2013 8", "345-8"), ("12--19", "12-19"), ("e12", "e12"), ("", None), (None, None)]
)
def test_pages_are_written_with_a_hyphen(printed: str | None, written: str | None) -> None:
    assert tidy_pages(printed) == written
