"""Values: frozen slotted dataclasses as the standard library makes them, in a quarter of its time.

There are hundreds of them, and they are made at every start. The standard library writes six functions for each as text
and compiles them, which was a third of what a start cost. Here that is done for `__init__` alone; comparing, hashing,
showing and refusing to be changed are the same for all of them and go by the names of the fields.
`docs/decisions/0026-values-made-quickly.md` has the figures.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

__all__ = ["dataclass"]

T = TypeVar("T")

_NOT_GIVEN: Any = object()

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - for those who check types it is the same
else:

    def dataclass(cls: Any = None, /, **wanted: Any) -> Any:
        """As `dataclasses.dataclass`, which makes what is not frozen and slotted.

        What is has no `InitVar`, no `field(init=False)`, and no dataclass below or above it.
        """
        if not (wanted.get("frozen") and wanted.get("slots")):
            return dataclasses.dataclass(cls, **wanted)
        decorate = partial(_value, **{name: one for name, one in wanted.items() if name not in {"frozen", "slots"}})
        return decorate if cls is None else decorate(cls)


def _value(cls: type[T], *, kw_only: bool = False) -> type[T]:
    """`cls` with slots for its fields, and with the methods of a frozen dataclass that it has not itself."""
    own = {name for name, one in vars(cls).items() if one is not None}  # None: `__hash__` where there is an `__eq__`
    bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)
    made: Any = bare(cls)
    fields = dataclasses.fields(made)
    for name, method in (*_methods(fields), ("__init__", _init(made, fields))):
        if name not in own:
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def _methods(fields: tuple[dataclasses.Field[Any], ...]) -> tuple[tuple[str, Callable[..., Any]], ...]:
    """What needs no text of its own."""
    names = [one.name for one in fields]
    shown = [one.name for one in fields if one.repr]
    compared = _all_of([one.name for one in fields if one.compare])

    def are_equal(self: object, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(compared(self))

    def told(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def state(self: object) -> list[Any]:
        return [getattr(self, name) for name in names]

    def set_state(self: object, values: list[Any]) -> None:
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)

    return (
        ("__eq__", are_equal),
        ("__hash__", hashed),
        ("__repr__", told),
        ("__getstate__", state),
        ("__setstate__", set_state),
        ("__setattr__", _refuse_to_set),
        ("__delattr__", _refuse_to_delete),
    )


def _refuse_to_set(_self: object, name: str, _value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _all_of(names: list[str]) -> Callable[[object], tuple[Any, ...]]:
    """What gives a tuple of these attributes."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _init(made: type, fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
    """`__init__`, which sets the slots past `__setattr__`."""
    known: dict[str, Any] = {"_NOT_GIVEN": _NOT_GIVEN}
    by_place: list[str] = ["self"]
    by_name: list[str] = []
    body: list[str] = []
    for one in fields:
        name = parameter = value = one.name
        known[f"_set_{name}"] = getattr(made, name).__set__
        if one.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = one.default
            parameter = f"{name}=_default_{name}"
        elif one.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = one.default_factory
            parameter = f"{name}=_NOT_GIVEN"
            value = f"_make_{name}() if {name} is _NOT_GIVEN else {name}"
        (by_name if one.kw_only else by_place).append(parameter)
        body.append(f"_set_{name}(self, {value})")
    if hasattr(made, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*by_place, "*", *by_name] if by_name else by_place)
    text = (
        f"def make({', '.join(known)}):\n def __init__({parameters}):\n  {'; '.join(body) or 'pass'}\n return __init__"
    )
    found: dict[str, Any] = {}
    exec(text, vars(sys.modules[made.__module__]), found)  # noqa: S102 - of names that our own classes have
    init: Callable[..., None] = found["make"](**known)
    init.__qualname__ = f"{made.__qualname__}.__init__"
    init.__annotations__ = {one.name: one.type for one in fields} | {"return": None}
    return init
