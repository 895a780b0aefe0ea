"""Strings whose fields are marked: runs of text, each with the field it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from dl_lit.pdf.fields.labels import Label


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text; `label` is `None` for what stands between fields."""

    label: Label | None
    text: str


def joined(segments: Iterable[Segment]) -> str:
    """The whole string."""
    return "".join(segment.text for segment in segments)


def merged(segments: Iterable[Segment]) -> list[Segment]:
    """The same string with neighbours of one label made one, and none that is empty."""
    groups = groupby((segment for segment in segments if segment.text), key=lambda segment: segment.label)
    return [Segment(label, joined(group)) for label, group in groups]


def tidied(segments: Sequence[Segment]) -> list[Segment]:
    """As an editor would print it: no second full stop behind an abbreviation's, none behind a question mark.

    White space at a field's edges is left outside the field.
    """
    tidy: list[Segment] = []
    last = ""
    for segment in segments:
        text = segment.text
        if segment.label is None:
            text = _without_double_stop(last, text)
        if last.endswith(" ") or not last:
            text = text.lstrip(" ")
        bare = text.strip(" ") if segment.label else text
        if segment.label and bare != text:
            before, after = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
            tidy += [Segment(None, before), Segment(segment.label, bare), Segment(None, after)]
        else:
            tidy.append(Segment(segment.label, text))
        last = (last + text)[-3:]
    while tidy and not tidy[-1].text.strip(" "):
        tidy.pop()
    if tidy and tidy[-1].label is None:
        tidy[-1] = Segment(None, tidy[-1].text.rstrip(" "))
    return merged(tidy)


def _without_double_stop(last: str, text: str) -> str:
    """`text`, which stands between fields, without the stop that `last` has made needless."""
    if not text or not last:
        return text
    if text[0] == "." and last[-1] in ".?!,;:":
        return text[1:]
    if text[0] in ",;:" and last[-1] in ",;:":
        return text[1:]
    if text[0] == "," and last[-1] in "?!":
        return text[1:]
    return text
