"""What stands in an output already: which partitions are whole, and what each holds; and the manifest that says so."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from dl_lit.app.corpus import shapes
from dl_lit.app.corpus.orders import Made, about_of
from dl_lit.app.corpus.output import MANIFEST, part_of, part_path, read_json, write_json
from dl_lit.app.corpus.places import Place
from dl_lit.core.errors import BadInput
from dl_lit.core.values import dataclass

SCHEMA = "dl-lit/corpus-manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A partition that is whole."""

    part: str
    made: dict[str, Made]  # by folder
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an output holds."""

    origin: dict[str, Any]
    is_whole: bool  # nothing of the input was left
    documents: int = 0  # rows
    duplicates: int = 0  # of them: further files with a content that stands in another row
    references: int = 0
    contexts: int = 0
    matches: int = 0
    reasons: dict[str, int]
    partitions: tuple[Partition, ...]


_partition = msgspec.json.Decoder(Partition)
_UNREADABLE = (*shapes.UNREADABLE, msgspec.DecodeError)


class Standing:
    """The partitions of an output; grows while it is worked on."""

    def __init__(self, place: Place, last: str, beside: Sequence[str]) -> None:
        """`last` is the folder whose file makes a partition whole, `beside` those of the files written before it."""
        self._place = place
        self._last = last
        self._beside = tuple(beside)
        self._known: dict[str, Partition] = {}
        self._before = {one.part: one for one in _listed_before(place)}

    @property
    def parts(self) -> tuple[str, ...]:
        """The partitions that are whole, by name."""
        return tuple(sorted(self._known))

    def look(self, take: Callable[[str, bytes], None] | None = None, again: frozenset[str] = frozenset()) -> None:
        """Find out what is there. What is not whole is removed; `take` gets the last file of each whole partition.

        Partitions in which something ended with a reason of `again` count as not whole.

        What is removed is made again; a file without the others would be counted twice once the input has grown.
        """
        there = {folder: {part_of(name) for name in self._place.names(folder)} for folder in self._beside}
        for name in list(self._place.names(self._last)):
            part = part_of(name)
            if _is_alone(part) or all(part in there[folder] for folder in self._beside):
                found = self._before.get(part) if take is None else None
                content = b"" if found is not None else self._place.read(name) or b""
                try:
                    one = found or self._before.get(part) or self._opened(part, content)
                    if not again & one.reasons.keys():
                        if take is not None:
                            take(part, content)
                        self._known[part] = one
                        continue
                except _UNREADABLE:
                    pass  # it is made again
            self._place.remove(name)
        for folder, parts in there.items():
            for part in parts - self._known.keys():
                self._place.remove(part_path(folder, part))

    def add(self, partition: Partition) -> None:
        """A partition has been made."""
        self._known[partition.part] = partition

    def drop(self, part: str) -> None:
        """Remove a partition that stands alone."""
        if self._known.pop(part, None) is not None:
            self._place.remove(part_path(self._last, part))

    def alone(self, kind: str) -> Iterator[str]:
        """The partitions of a kind ("same", "unread") that are one file each."""
        yield from (part for part in self.parts if part.startswith(f"{kind}-"))

    def manifest(self, origin: Mapping[str, Any], *, is_whole: bool) -> Manifest:
        """What is there now."""
        rows: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        for one in self._known.values():
            reasons.update(one.reasons)
            rows.update({folder: made.rows for folder, made in one.made.items()})
        return Manifest(
            origin=dict(origin),
            is_whole=is_whole,
            documents=rows["documents"],
            duplicates=sum(self._known[part].made[self._last].rows for part in self.alone("same")),
            references=rows["references"],
            contexts=rows["contexts"],
            matches=rows["matches"],
            reasons=dict(sorted(reasons.items())),
            partitions=tuple(self._known[part] for part in self.parts),
        )

    def _opened(self, part: str, content: bytes) -> Partition:
        """A partition by what its last file says; of one that was made by a run that died."""
        footer = about_of(shapes.about_of(content))
        made = Made(
            rows=shapes.table_of(content, []).num_rows,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        return Partition(part=part, made={**footer.made, self._last: made}, reasons=footer.reasons)


def _is_alone(part: str) -> bool:
    return part.startswith(("same-", "unread-"))


def write_manifest(place: Place, manifest: Manifest) -> None:
    """Put it there; the same content gives the same bytes."""
    write_json(place, MANIFEST, {"schema": SCHEMA, **msgspec.to_builtins(manifest)})


def read_manifest(place: Place, kind: str) -> dict[str, Any]:
    """The manifest of an output as plain JSON. Raises `BadInput` where there is none of this kind."""
    found = read_json(place, MANIFEST)
    if found is None or found.get("schema") != SCHEMA or found.get("origin", {}).get("kind") != kind:
        raise BadInput(f"{place.name} holds no result of dl-lit corpus {kind}: name the folder that it wrote")
    return found


def partitions_of(manifest: Mapping[str, Any]) -> tuple[Partition, ...]:
    """The partitions that a manifest lists."""
    return tuple(_partition.decode(msgspec.json.encode(one)) for one in manifest["partitions"])


def _listed_before(place: Place) -> tuple[Partition, ...]:
    try:
        found = read_json(place, MANIFEST)
        return partitions_of(found) if found is not None and found.get("schema") == SCHEMA else ()
    except (BadInput, KeyError, TypeError, msgspec.DecodeError):
        return ()  # it is made anew
