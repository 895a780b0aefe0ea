"""The sources and works of an export as nodes, and who cites whom as edges: read as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from db.reading.citation_graph import (
    InList,
    SourceNode,
    links_of_works,
    listed_by,
    source_nodes,
    works_themselves,
)
from db.reading.citation_keys import CitationKeys
from db.reading.exports import CitedWork
from db.reading.opening import Connection
from dl_lit.app.outcome.choice import Choice, FilesNamed
from dl_lit.app.outcome.records import chosen_works
from dl_lit.core.model import Name, RelationKind
from dl_lit.core.store import SourceKind
from dl_lit.exports.graph import Edge, Node, Relation, Role
from dl_lit.exports.record import ExportRecord
from dl_lit.exports.rich.text import plain
from dl_lit.exports.standing import is_withdrawn

_STATES = {"pending": "waiting", "extracted": "read", "failed": "failed"}
_RELATIONS = {RelationKind.VERSION: Relation.VERSION, RelationKind.TRANSLATION: Relation.TRANSLATION}
_MOST_AUTHORS = 20


class CitationGraph:
    """The graph of one look at the database: its nodes, and once these have been taken, its edges."""

    def __init__(self, connection: Connection, keys: CitationKeys, files: FilesNamed, choice: Choice) -> None:
        """Of the works and sources of `choice`."""
        self._connection, self._keys, self._files, self._choice = connection, keys, files, choice
        self._works = _Numbers()
        self._sources = works_themselves(connection, choice.source_ids)
        self._work_of = {source_id: work_id for work_id, source_id in self._sources.items()}

    def nodes(self) -> Iterator[Node]:
        """The works, in printed order of their first citation; then the sources that are none of them."""
        for cited, record in chosen_works(self._connection, self._keys, self._files, self._choice):
            self._works.add(cited.view.id)
            yield _node_of_work(cited, record, is_source=cited.view.id in self._sources)
        for source in source_nodes(self._connection, self._choice.source_ids):
            if self._name(source) == f"s{source.id}":
                yield _node_of_source(source)

    def edges(self) -> Iterator[Edge]:
        """What the sources cite of the nodes, source by source in printed order; then versions and translations."""
        for source in source_nodes(self._connection, self._choice.source_ids):
            for one in listed_by(self._connection, source.id):
                if one.work_id in self._works:
                    yield from self._edges_of(source, one)
        for one_id, other_id, kind in links_of_works(self._connection):
            if one_id in self._works and other_id in self._works:
                yield Edge(source=f"w{one_id}", target=f"w{other_id}", relation=_RELATIONS[kind])

    def _edges_of(self, source: SourceNode, one: InList) -> Iterable[Edge]:
        name, work = self._name(source), f"w{one.work_id}"
        relation = Relation.CITES if source.kind is SourceKind.PDF else Relation.LISTS
        if name != work:  # a work that is said to cite itself
            yield Edge(source=name, target=work, relation=relation, entries=one.entries, contexts=one.contexts)
        about = source.about_work_id
        if about is not None and about in self._works and about != one.work_id:
            yield Edge(source=work, target=f"w{about}", relation=Relation.CITES)

    def _name(self, source: SourceNode) -> str:
        """Its node: that of the work that it is itself, where this is among the nodes."""
        work_id = self._work_of.get(source.id)
        return f"w{work_id}" if work_id is not None and work_id in self._works else f"s{source.id}"


class _Numbers:
    """A set of numbers of works, which are dense: a bit for each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        """Put it in."""
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << (number & 7)

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)


def _node_of_work(cited: CitedWork, record: ExportRecord, *, is_source: bool) -> Node:
    work = record.work
    return Node(
        id=f"w{cited.view.id}",
        label=_label(work.authors or work.editors, work.year, plain(work.title)),
        role=Role.BOTH if is_source else Role.CITED,
        title=plain(work.title),
        authors=_people(work.authors or work.editors),
        year=work.year,
        container_title=plain(work.container_title or "") or None,
        doi=work.doi,
        type=work.type.value,
        state=record.state.value,
        key=record.key,
        cited_by=len({citation.source_id for citation in cited.citations}),
        retracted=is_withdrawn(work),
    )


def _node_of_source(source: SourceNode) -> Node:
    title = plain(source.title or "") or PurePosixPath(source.path).name
    return Node(
        id=f"s{source.id}",
        label=_label(source.authors, source.year, title),
        role=Role.SOURCE if source.kind is SourceKind.PDF else Role.LIST,
        title=title,
        authors=_people(source.authors),
        year=source.year,
        doi=source.doi,
        state=_STATES[source.state],
        level=source.level,
    )


def _label(names: tuple[Name, ...], year: int | None, title: str) -> str:
    """Such as "Knuth 1997"; the title where nobody is named."""
    named = [name.sort_key for name in names if name.sort_key]
    if not named:
        return title[:60]
    who = named[0] if len(named) == 1 else f"{named[0]} & {named[1]}" if len(named) == 2 else f"{named[0]} et al."
    return f"{who} {year}" if year else who


def _people(names: tuple[Name, ...]) -> str:
    named = [", ".join(filter(None, (name.sort_key, name.given if name.family else None))) for name in names]
    return "; ".join([*named[:_MOST_AUTHORS], *(["…"] if len(named) > _MOST_AUTHORS else [])])
