"""A list of references cut into its entries: by labels, by hanging indents, by gaps, or by how entries begin."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.joining import join
from dl_lit.pdf.splitting.entry import Entry
from dl_lit.pdf.splitting.labels import by_keys, by_labels
from dl_lit.pdf.splitting.layout import by_layout

__all__ = ["Entry", "split_entries"]


def split_entries(lines: Sequence[Line]) -> list[Entry]:
    """The entries of one list, in order."""
    if not lines:
        return []
    starts, labels = by_labels(lines) or by_keys(lines) or (None, None)
    if starts is None or labels is None:
        starts = by_layout(lines)
        labels = {}
    groups = [list(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    entries = [_entry(group, labels.get(start)) for start, group in zip(starts, groups, strict=True)]
    return [entry for entry in entries if entry.text]


def _entry(lines: Sequence[Line], label: tuple[str, str, int | None] | None) -> Entry:
    texts = [line.text for line in lines]
    if label:
        texts[0] = label[1]
    uris = tuple(dict.fromkeys(uri for line in lines for uri in line.uris))
    text = join(texts)
    return Entry(text, lines[0].page, label[0] if label else None, label[2] if label else None, uris, tuple(lines))
