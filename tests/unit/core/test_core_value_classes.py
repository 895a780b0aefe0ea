"""Values are frozen dataclasses in all but how they are made."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import field, fields, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mine:
    """With all that a field may have."""

    number: int
    text: str = "x"
    many: list[int] = field(default_factory=list)
    secret: str = field(default="", repr=False)
    aside: float = field(default=0.0, compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same by the standard library."""

    number: int
    text: str = "x"
    many: list[int] = field(default_factory=list)
    secret: str = field(default="", repr=False)
    aside: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """By name alone."""

    first: int = 1
    second: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Without a field."""


@dataclass(frozen=True, slots=True)
class Single(Generic[T]):  # noqa: PLW1641 - a value is given its `__hash__`
    """With one, of any type, and methods of its own."""

    value: T

    def __post_init__(self) -> None:
        if self.value is None:
            raise ValueError("nothing")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Single)

    def __repr__(self) -> str:
        return "own"


ARGUMENTS = st.fixed_dictionaries(
    {"number": st.integers(0, 2)},
    optional={
        "text": st.sampled_from("xy"),
        "many": st.lists(st.integers(0, 1), max_size=1),
        "secret": st.sampled_from(["", "s"]),
        "aside": st.floats(),
    },
)


@given(ARGUMENTS, ARGUMENTS)
def test_it_is_as_the_standard_library_makes_it(one: dict[str, Any], other: dict[str, Any]) -> None:
    mine, theirs = Mine(**one), Theirs(**one)
    assert repr(mine) == repr(theirs).replace("Theirs", "Mine")
    assert (mine == Mine(**other)) is (theirs == Theirs(**other))
    assert dataclasses.astuple(mine)[:4] == dataclasses.astuple(theirs)[:4]
    assert [one.name for one in fields(Mine)] == list(Mine.__match_args__) == list(Mine.__slots__)


def test_its_parameters_are_those_of_a_dataclass() -> None:
    ours, theirs = inspect.signature(Mine), inspect.signature(Theirs)
    assert [(one.name, one.kind) for one in ours.parameters.values()] == [
        (one.name, one.kind) for one in theirs.parameters.values()
    ]
    assert get_type_hints(Mine.__init__) == get_type_hints(Theirs.__init__)
    assert str(inspect.signature(Named)) == "(*, first: 'int' = 1, second: 'int') -> None"
    wrongs: list[dict[str, Any]] = [{}, {"number": 1, "unknown": 2}]
    for wrong in wrongs:
        with pytest.raises(TypeError):
            Mine(**wrong)


def test_what_is_made_by_default_is_made_for_each() -> None:
    assert Mine(1).many is not Mine(1).many


def test_it_refuses_to_be_changed() -> None:
    value: Any = Named(second=2)
    for name in ("second", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.first
    assert value == Named(second=2)
    assert not hasattr(value, "__dict__")


def test_equal_values_are_one_in_a_set_and_others_are_never_equal() -> None:
    assert len({Named(second=2), Named(second=2), Named(second=3), Nothing(), Nothing()}) == 3
    other: object = Named(second=1)
    assert Nothing() != other
    assert attrgetter("second")(Named(second=5)) == 5
    with pytest.raises(TypeError, match="unhashable"):
        hash(Mine(1))


def test_methods_of_its_own_are_kept_and_it_may_refuse_what_it_is_given() -> None:
    assert Single(1) == Single(2)
    assert repr(Single(1)) == "own"
    assert hash(Single(1)) == hash(Single(1))
    with pytest.raises(ValueError, match="nothing"):
        Single(None)


@pytest.mark.parametrize("value", [Mine(1, "y", [2]), Named(second=2), Nothing()])
def test_it_can_be_copied_replaced_and_written(value: Any) -> None:
    assert copy.deepcopy(value) == copy.copy(value) == replace(value) == pickle.loads(pickle.dumps(value)) == value
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value


def test_a_traceback_names_its_init() -> None:
    assert Mine.__init__.__qualname__ == "Mine.__init__"


def test_what_is_not_frozen_is_the_standard_library_s() -> None:
    @dataclass(slots=True)
    class Loose:
        count: int = 0

    loose = Loose()
    loose.count = 3
    assert loose == Loose(3)
