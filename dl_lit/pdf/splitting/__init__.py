"""A list of references cut into its entries: by labels, or by how entries begin and where they stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.joining import join
from dl_lit.pdf.sources import records
from dl_lit.pdf.splitting.entry import Entry
from dl_lit.pdf.splitting.inheriting import inherit
from dl_lit.pdf.splitting.keys import by_bullets, by_keys, by_plain_keys
from dl_lit.pdf.splitting.labels import Label, Labels, by_labels
from dl_lit.pdf.splitting.layout import by_layout
from dl_lit.pdf.splitting.patterns import HEAD, STARTS_STRICT, YEAR
from dl_lit.pdf.splitting.several import several_works
from dl_lit.pdf.splitting.strangers import annotation, is_no_reference, odd_ones, strangers

_FEWEST_UNLABELLED = 2  # works before the first label, to be read as such

__all__ = ["Cut", "Entry", "cut_list", "inherit", "split_entries"]


@dataclass(frozen=True, slots=True)
class Cut:
    """A list's entries, and what stood among them without being part of one; together every line once."""

    entries: tuple[Entry, ...]
    left_out: tuple[Line, ...] = ()  # footnotes, footers, licence lines, sources of entries


def split_entries(lines: Sequence[Line], words: Collection[str] = frozenset()) -> list[Entry]:
    """The works of one list, in order: its entries, those that hold several works cut into them.

    `words` are those of the whole document, as for `join`.
    """
    return [
        work
        for entry in cut_list(lines, words).entries
        for work in (several_works(entry) if entry.number is not None else [entry])
    ]


def cut_list(lines: Sequence[Line], words: Collection[str] = frozenset()) -> Cut:
    """The entries of one list, in order, and the lines that are part of none; `words` as for `join`."""
    sources = records(lines)
    printed = [line for index, line in enumerate(lines) if index not in sources]
    apart = strangers(printed)
    own = [line for index, line in enumerate(printed) if index not in apart]
    if not own:
        return Cut((), tuple(lines))
    starts, labels = _starts(own)
    groups = [own[a:b] for a, b in zip(starts, [*starts[1:], len(own)], strict=True)]
    groups = [group[: len(group) - annotation(group)] for group in groups]
    entries = [_entry(group, labels.get(start), words) for start, group in zip(starts, groups, strict=True)]
    odd = set() if labels else odd_ones([entry.text for entry in entries])
    kept = [entry for index, entry in enumerate(entries) if entry.text and index not in odd]
    while len(kept) > 1 and kept[-1].label is None and is_no_reference(kept[-1].text):
        kept.pop()
    if len(kept) > 1 and kept[0].label is None and kept[1].number == 1 and is_no_reference(kept[0].text):
        kept.pop(0)
    taken = {id(line) for entry in kept for line in entry.lines}
    return Cut(tuple(kept), tuple(line for line in lines if id(line) not in taken))


def _starts(lines: Sequence[Line]) -> tuple[list[int], Labels]:
    """The indices of the lines at which entries begin, the first one always, and their labels."""
    found = by_labels(lines) or by_keys(lines) or by_plain_keys(lines) or by_bullets(lines)
    starts, labels = found or (by_layout(lines), {})
    if starts[0] == 0 or not labels:
        return sorted({0, *starts}), labels
    return [*_unlabelled(lines[: starts[0]]), *starts], labels


def _unlabelled(lines: Sequence[Line]) -> list[int]:
    """Where entries begin in what stands before the first label: works without labels, or the rest of something."""
    starts = by_layout(lines)
    groups = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    are_works = all(_is_work(" ".join(line.text for line in group)) for group in groups)
    return starts if len(groups) >= _FEWEST_UNLABELLED and are_works else [0]


def _is_work(text: str) -> bool:
    """Whether `text` begins with names and has a year."""
    return bool(STARTS_STRICT.match(text[:HEAD]) and YEAR.search(text))


def _entry(lines: Sequence[Line], label: Label | None, words: Collection[str]) -> Entry:
    texts = [line.text for line in lines]
    if label:
        texts[0] = label.rest
    uris = tuple(dict.fromkeys(uri for line in lines for uri in line.uris))
    return Entry(
        join(texts, words),
        lines[0].page,
        (label.text or None) if label else None,
        label.number if label else None,
        uris,
        tuple(lines),
    )
