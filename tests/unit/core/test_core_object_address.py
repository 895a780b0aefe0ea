"""Addresses of object stores: what they mean, what they may not hold, and the local folders that go with them."""

from __future__ import annotations

import pytest

from dl_lit.core.object_address import ObjectPlace, is_object_address


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("s3://papers/lit/2026", ObjectPlace("s3", "papers", "lit/2026"), "s3://papers/lit/2026"),
        ("gs://papers", ObjectPlace("gs", "papers", ""), "gs://papers"),
        ("az://papers//lit/", ObjectPlace("az", "papers", "lit"), "az://papers/lit"),
    ],
)
def test_an_address_names_a_bucket_and_what_names_within_begin_with(text: str, place: ObjectPlace, shown: str) -> None:
    assert is_object_address(text)
    assert ObjectPlace.parse(text) == place
    assert str(place) == shown
    assert place.of("Ng 2020.pdf") == f"{shown}/Ng 2020.pdf"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/srv/SECRET", "is no object store"),
        ("ftp://SECRET/x", "is no object store"),
        ("s3://KEY:SECRET@papers/x", "neither keys nor ports"),
        ("s3://SECRET:9000/x", "neither keys nor ports"),
        ("s3:///SECRET", "names no bucket: write s3://BUCKET/PREFIX"),
        ("gs://SECRET!/x", "names no bucket: write gs://BUCKET/PREFIX"),
        ("s3://papers/../SECRET", "has a prefix"),
        ("s3://papers/SECRET?versions", "has a prefix"),
    ],
)
def test_what_is_wrong_with_an_address_is_told_without_repeating_it(text: str, says: str) -> None:
    """People write keys into addresses, and what is told goes into logs."""
    with pytest.raises(ValueError, match=says) as refused:
        ObjectPlace.parse(text)
    assert "SECRET" not in str(refused.value)


def test_a_path_is_no_address_of_an_object_store() -> None:
    assert not is_object_address("/srv/library")
    assert not is_object_address("library")


def test_each_place_has_a_folder_name_of_its_own_that_can_be_read() -> None:
    """What is kept locally of two stores is never mixed, however alike their names are."""
    names = [ObjectPlace.parse(text).folder_name for text in ("s3://papers/Lit_X", "gs://papers/Lit_X", "s3://papers")]
    assert len(set(names)) == 3
    assert [name.rpartition("-")[0] for name in names] == ["papers-lit-x", "papers-lit-x", "papers"]
    assert ObjectPlace.parse("s3://papers/Lit_X").folder_name == names[0]
    assert len(ObjectPlace("s3", "b" * 60, "p" * 200).folder_name) <= 49
