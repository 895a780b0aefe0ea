"""The citation graph as GraphML and GEXF, for Gephi, networkx, igraph and Cytoscape: written as it comes.

http://graphml.graphdrawing.org/primer/graphml-primer.html, https://gexf.net/1.2/ (read 2026-11-23). GEXF is written in
its version 1.2, which every program reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from xml.sax.saxutils import escape, quoteattr

from dl_lit.core.values import dataclass
from dl_lit.exports.record import one_line

_A_PIECE = 200
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Role(StrEnum):
    """What a node is to the library."""

    SOURCE = "source"  # cites
    CITED = "cited"
    BOTH = "both"  # a source that others cite
    LIST = "list"  # what was brought or searched for: it names works, and cites none


class Relation(StrEnum):
    """What an edge says of the node that it leaves."""

    CITES = "cites"
    LISTS = "lists"
    VERSION = "version"  # of the other, as the other is of it
    TRANSLATION = "translation"  # one of the other, whichever is the original


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A source or a work. None and empty: not known, or it has none of that."""

    id: str
    label: str
    role: Role
    title: str
    authors: str = ""
    year: int | None = None
    container_title: str | None = None
    doi: str | None = None
    type: str | None = None  # of works, by their CSL names
    state: str = ""  # what became of it
    key: str | None = None  # the citation key of works
    cited_by: int = 0  # sources of the export that cite it
    retracted: bool = False
    level: int | None = None  # of sources: 0 was given by people


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From a citing node to a cited one, or between versions."""

    source: str
    target: str
    relation: Relation
    entries: int = 1  # of the bibliography
    contexts: int = 0  # places of the text, as far as they are known

    @property
    def weight(self) -> int:
        """How thick programs draw it."""
        return max(1, self.contexts)


_NODE_FIELDS = (
    ("label", "string"),
    ("role", "string"),
    ("title", "string"),
    ("authors", "string"),
    ("year", "int"),
    ("container_title", "string"),
    ("doi", "string"),
    ("type", "string"),
    ("state", "string"),
    ("key", "string"),
    ("cited_by", "int"),
    ("retracted", "boolean"),
    ("level", "int"),
)
_EDGE_FIELDS = (("relation", "string"), ("entries", "int"), ("contexts", "int"))


def graphml(nodes: Iterable[Node], edges: Iterable[Edge]) -> Iterator[str]:
    """The pieces of a GraphML file; `edges` is not begun before `nodes` has ended."""
    keys = [f'<key id="{name}" for="node" attr.name="{name}" attr.type="{kind}"/>\n' for name, kind in _NODE_FIELDS]
    of_edges = (*_EDGE_FIELDS, ("weight", "double"))
    keys += [f'<key id="{name}" for="edge" attr.name="{name}" attr.type="{kind}"/>\n' for name, kind in of_edges]
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
        'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
        f'{"".join(keys)}<graph edgedefault="directed">\n'
    )
    yield from _in_pieces(_graphml_node(node) for node in nodes)
    yield from _in_pieces(_graphml_edge(edge) for edge in edges)
    yield "</graph>\n</graphml>\n"


def gexf(nodes: Iterable[Node], edges: Iterable[Edge]) -> Iterator[str]:
    """The pieces of a GEXF file; `edges` is not begun before `nodes` has ended."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n<graph defaultedgetype="directed" mode="static">\n'
        f"{_gexf_columns('node', _NODE_FIELDS[1:])}{_gexf_columns('edge', _EDGE_FIELDS)}<nodes>\n"
    )
    yield from _in_pieces(_gexf_node(node) for node in nodes)
    yield "</nodes>\n<edges>\n"
    yield from _in_pieces(_gexf_edge(number, edge) for number, edge in enumerate(edges))
    yield "</edges>\n</graph>\n</gexf>\n"


def _graphml_node(node: Node) -> str:
    data = "".join(
        f'<data key="{name}">{escape(text)}</data>' for name, _ in _NODE_FIELDS if (text := _text(getattr(node, name)))
    )
    return f"<node id={_quoted(node.id)}>{data}</node>\n"


def _graphml_edge(edge: Edge) -> str:
    values = (*((name, _text(getattr(edge, name))) for name, _ in _EDGE_FIELDS), ("weight", f"{edge.weight}.0"))
    data = "".join(f'<data key="{name}">{escape(text)}</data>' for name, text in values)
    return f"<edge source={_quoted(edge.source)} target={_quoted(edge.target)}>{data}</edge>\n"


def _gexf_columns(kind: str, fields: Iterable[tuple[str, str]]) -> str:
    names = {"int": "integer"}
    columns = "".join(
        f'<attribute id="{name}" title="{name}" type="{names.get(type_, type_)}"/>\n' for name, type_ in fields
    )
    return f'<attributes class="{kind}">\n{columns}</attributes>\n'


def _gexf_node(node: Node) -> str:
    values = _gexf_values(node, _NODE_FIELDS[1:])
    return f"<node id={_quoted(node.id)} label={_quoted(_text(node.label))}>{values}</node>\n"


def _gexf_edge(number: int, edge: Edge) -> str:
    ends = f"source={_quoted(edge.source)} target={_quoted(edge.target)}"
    values = _gexf_values(edge, _EDGE_FIELDS)
    return f'<edge id="{number}" {ends} label="{edge.relation}" weight="{edge.weight}.0">{values}</edge>\n'


def _gexf_values(of: Node | Edge, fields: Iterable[tuple[str, str]]) -> str:
    values = "".join(
        f'<attvalue for="{name}" value={_quoted(text)}/>' for name, _ in fields if (text := _text(getattr(of, name)))
    )
    return f"<attvalues>{values}</attvalues>"


def _text(value: object) -> str:
    """A value as XML may have it; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NO_XML.sub("", one_line(str(value)))


def _quoted(text: str) -> str:
    return quoteattr(text)


def _in_pieces(texts: Iterable[str]) -> Iterator[str]:
    gathered: list[str] = []
    for text in texts:
        gathered.append(text)
        if len(gathered) == _A_PIECE:
            yield "".join(gathered)
            gathered.clear()
    if gathered:
        yield "".join(gathered)
