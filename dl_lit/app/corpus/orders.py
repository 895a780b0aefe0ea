"""What travels to a task and back, as JSON: a node with another dl_lit can say so instead of misreading it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

import msgspec

from dl_lit.core.values import dataclass

ABOUT = "dl_lit"
"""The key of what stands in a footer."""


class Kind(StrEnum):
    """What a task is to do."""

    SURVEY = "survey"  # which content the files have
    READ = "read"  # bibliographies
    MATCH = "match"  # which works references are


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of reading one PDF, and how scans are read; part of what a result depends on."""

    timeout_s: float
    memory_mb: int
    max_mb: int
    ocr_languages: str | None = None  # None: scans are not read
    ocr_data: str | None = None
    ocr_pages: int = 0
    ocr_timeout_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of the input, or one content."""

    name: str  # below the input
    size: int  # bytes
    stamp: str = ""  # changes when the file does
    sha256: str = ""  # empty where it is to be found out


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One task."""

    dl_lit: str  # the version whose results these are to be
    models: str  # likewise the reader's models, as one digest
    run: str  # whose task it is: another run may have taken over
    kind: Kind
    source: str  # the input's place; for matching the extraction's
    target: str  # the output's place
    part: str  # the name of what it makes
    pieces: tuple[Piece, ...] = ()
    limits: Limits | None = None
    index: str | None = None  # the local index, where it is to be matched
    index_state: str = ""  # what tells it from another one at the same path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A file of which there is nothing but a reason."""

    name: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file that a task wrote."""

    rows: int
    size_bytes: int
    sha256: str


class Refusal(StrEnum):
    """Why a task was not done at all, which no other file would change."""

    OTHER_VERSION = "other-version"
    NO_OUTPUT = "no-output"
    TAKEN_OVER = "taken-over"
    CANNOT_WRITE = "cannot-write"
    NO_INDEX = "no-index"
    NO_INPUT = "no-input"
    SHORTAGE = "shortage"  # of the machine's: tried again
    STOPPED = "stopped"  # we are ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a task."""

    part: str
    node: str = ""
    refusal: Refusal | None = None
    said: str = ""  # of the refusal, one line
    made: dict[str, Made] = field(default_factory=dict)  # by the name of its folder
    reasons: dict[str, int] = field(default_factory=dict)  # why documents or references are nothing but a reason
    bad: tuple[Bad, ...] = ()  # of a survey: what has no content to be known by
    changed: tuple[str, ...] = ()  # files that are not what they were when they were surveyed


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What stands in the footer of a partition's last file: the files beside it, and reasons with their numbers."""

    made: dict[str, Made]
    reasons: dict[str, int]


_order = msgspec.json.Decoder(Order)
_report = msgspec.json.Decoder(Report)
_versions = msgspec.json.Decoder(dict[str, object])
_encoder = msgspec.json.Encoder()

_about = msgspec.json.Decoder(About)

decode_order = _order.decode
decode_report = _report.decode


def about(made: Mapping[str, Made], reasons: Mapping[str, int]) -> dict[str, str]:
    """A footer."""
    plain = About(made=dict(sorted(made.items())), reasons=dict(sorted(reasons.items())))
    return {ABOUT: _encoder.encode(plain).decode()}


def about_of(footer: Mapping[str, str]) -> About:
    """What a footer says; raises `KeyError` or `msgspec.DecodeError` where it is none of ours."""
    return _about.decode(footer[ABOUT])


def encode(value: Order | Report) -> bytes:
    """The JSON of it."""
    return _encoder.encode(value)


def version_of(order: bytes) -> str:
    """The version that an order is from, whatever else stands in it."""
    return str(_versions.decode(order).get("dl_lit"))
