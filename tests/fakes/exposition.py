"""Reads the text format of metrics as strictly as `promtool check metrics` does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
_SUFFIXES = ("_bucket", "_sum", "_count")
_UNITS = ("milliseconds", "minutes", "hours", "days", "kilobytes", "megabytes", "percent")  # base units are wanted


@dataclass
class Family:
    """One metric."""

    kind: str
    help: str
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)  # labels, the suffix as ""


def read(text: str) -> dict[str, Family]:
    """The families by name; raises `AssertionError` on whatever is not as it should be."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    name = helped = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped, _, words = line.removeprefix("# HELP ").partition(" ")
            assert _NAME.fullmatch(helped), line
            assert words.strip(), line
        elif line.startswith("# TYPE "):
            name, _, kind = line.removeprefix("# TYPE ").partition(" ")
            assert name == helped, f"no HELP before {line}"
            assert name not in families, f"{name} is told twice"
            assert kind in {"gauge", "counter", "histogram"}, line
            assert (kind == "counter") == name.endswith("_total"), line
            assert not name.endswith(_SUFFIXES), line
            assert not any(unit in name.split("_") for unit in _UNITS), line
            families[name] = Family(kind, words)
        else:
            _take(line, name, families[name])
    for name, one in families.items():
        assert one.samples, f"{name} has no numbers"
        if one.kind == "histogram":
            _check_histogram(name, one)
    return families


def _take(line: str, name: str, family: Family) -> None:
    match = _SAMPLE.fullmatch(line)
    assert match, line
    suffix = match["name"].removeprefix(name)
    assert match["name"].startswith(name), line
    assert suffix in (_SUFFIXES if family.kind == "histogram" else ("",)), line
    labels = _LABEL.findall(match["labels"] or "")
    assert "".join(f'{key}="{value}",' for key, value in labels).rstrip(",") == (match["labels"] or "").rstrip(","), (
        line
    )
    assert len({key for key, _ in labels}) == len(labels), line
    key = tuple(sorted([*labels, ("", suffix)]))
    assert key not in family.samples, f"{line} is told twice"
    value = family.samples[key] = float(match["value"])
    assert family.kind == "gauge" or value >= 0, line


def _check_histogram(name: str, family: Family) -> None:
    groups: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
    for labels, value in family.samples.items():
        rest = tuple(pair for pair in labels if pair[0] not in {"", "le"})
        told = dict(labels)
        groups.setdefault(rest, {})[told.get("le", told[""])] = value
    for one in groups.values():
        count, total = one.pop("_count"), one.pop("_sum")
        bounds = sorted((float(bound), number) for bound, number in one.items())
        assert bounds[-1] == (float("inf"), count), name
        assert [number for _, number in bounds] == sorted(number for _, number in bounds), name
        assert total >= 0
