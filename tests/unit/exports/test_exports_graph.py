"""The citation graph as GraphML and GEXF: what programs read back is what was there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.exports.graph import Edge, Node, Relation, Role, gexf, graphml

Writer = Callable[[Iterable[Node], Iterable[Edge]], Iterator[str]]
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
GEXF = "{http://www.gexf.net/1.2draft}"
NODES = [
    Node(id="w1", label="Knuth 1997", role=Role.BOTH, title='"A" < B & C', year=1997, key="Knuth1997", cited_by=2),
    Node(id="s3", label="Paper", role=Role.SOURCE, title="Paper", retracted=True, level=0),
]
EDGES = [
    Edge(source="s3", target="w1", relation=Relation.CITES, entries=2, contexts=5),
    Edge(source="w1", target="s3", relation=Relation.VERSION),
]


def read_graphml(text: str) -> tuple[dict[str, dict[str, str]], list[tuple[str, str, dict[str, str]]]]:
    root = ET.fromstring(text)
    graph = root.find(f"{GRAPHML}graph")
    assert graph is not None
    declared = {(key.get("for"), key.get("id")) for key in root.iter(f"{GRAPHML}key")}

    def data(element: ET.Element, kind: str) -> dict[str, str]:
        found = {str(one.get("key")): one.text or "" for one in element}
        assert {(kind, name) for name in found} <= declared
        return found

    nodes = {str(node.get("id")): data(node, "node") for node in graph.iter(f"{GRAPHML}node")}
    edges = [
        (str(edge.get("source")), str(edge.get("target")), data(edge, "edge")) for edge in graph.iter(f"{GRAPHML}edge")
    ]
    return nodes, edges


def read_gexf(text: str) -> tuple[dict[str, dict[str, str]], list[tuple[str, str, dict[str, str]]]]:
    root = ET.fromstring(text)
    declared = {
        (of.get("class"), one.get("id")) for of in root.iter(f"{GEXF}attributes") for one in of.iter(f"{GEXF}attribute")
    }

    def values(element: ET.Element, kind: str) -> dict[str, str]:
        found = {str(one.get("for")): str(one.get("value")) for one in element.iter(f"{GEXF}attvalue")}
        assert {(kind, name) for name in found} <= declared
        named = {name: str(element.get(name)) for name in ("label", "weight") if element.get(name) is not None}
        return found | named

    nodes = {str(node.get("id")): values(node, "node") for node in root.iter(f"{GEXF}node")}
    edges = [
        (str(edge.get("source")), str(edge.get("target")), values(edge, "edge")) for edge in root.iter(f"{GEXF}edge")
    ]
    return nodes, edges


@pytest.mark.parametrize(("write", "read"), [(graphml, read_graphml), (gexf, read_gexf)])
def test_what_is_written_is_read_back(write: Writer, read: Callable[[str], object]) -> None:
    nodes, edges = read("".join(write(NODES, EDGES)))  # type: ignore[misc]
    assert nodes["w1"] == {
        "label": "Knuth 1997", "role": "both", "title": '"A" < B & C', "year": "1997", "key": "Knuth1997",
        "cited_by": "2", "retracted": "false",
    }  # fmt: skip
    assert nodes["s3"]["retracted"] == "true"
    assert nodes["s3"]["level"] == "0"
    (source, target, told), (_, _, other) = edges
    assert (source, target) == ("s3", "w1")
    assert (told["relation"], told["entries"], told["contexts"], told["weight"]) == ("cites", "2", "5", "5.0")
    assert (other["relation"], other["weight"]) == ("version", "1.0")


@pytest.mark.parametrize("write", [graphml, gexf])
def test_edges_are_not_asked_for_before_all_nodes_were_taken(write: Writer) -> None:
    taken: list[str] = []

    def nodes() -> Iterator[Node]:
        yield from NODES
        taken.append("nodes")

    def edges() -> Iterator[Edge]:
        assert taken == ["nodes"]
        yield from EDGES

    assert "".join(write(nodes(), edges()))


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_title_makes_a_file_that_can_be_read_and_turns_no_direction(title: str) -> None:
    node = Node(id="w1", label=title, role=Role.CITED, title=f"{title}\u202e\x00\ufffe\ud800")
    for write, read in ((graphml, read_graphml), (gexf, read_gexf)):
        text = "".join(write([node], []))
        text.encode()
        assert "\u202e" not in text
        found, _ = read(text)
        assert list(found) == ["w1"]
