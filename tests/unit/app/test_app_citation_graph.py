"""The library as a graph: who cites whom, across sources that are works themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.reading.opening import reading
from dl_lit.app.outcome.choice import Choice, FilesNamed, Wanted
from dl_lit.app.outcome.citation_graph import CitationGraph
from dl_lit.app.outcome.citing import citing
from dl_lit.exports.graph import Edge, Node
from tests.fakes.scenario import Scenario, typical, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as made:
        yield made


def graph(scenario: Scenario, choice: Choice | None = None) -> tuple[list[Node], list[Edge]]:
    files = FilesNamed(scenario.library, scenario.library)
    with reading(scenario.path) as connection, citing(connection, scenario.path, "{author}{year}") as keys:
        found = CitationGraph(connection, keys, files, choice or Choice())
        return list(found.nodes()), list(found.edges())


def ends(edges: list[Edge]) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.target, edge.relation) for edge in edges]


def test_works_and_sources_are_nodes_and_what_is_cited_twice_is_one_node(scenario: Scenario) -> None:
    typical(scenario)
    nodes, edges = graph(scenario)
    assert [(node.id, node.role, node.state, node.cited_by) for node in nodes] == [
        ("w1", "cited", "downloaded", 2),
        ("w2", "cited", "failed", 1),
        ("w4", "cited", "failed", 1),
        ("s1", "source", "failed", 0),
        ("s2", "source", "read", 0),
        ("s3", "source", "read", 0),
    ]
    assert nodes[0].label == "Lovelace 2017"
    assert ends(edges) == [
        ("s2", "w1", "cites"), ("s2", "w2", "cites"), ("s3", "w1", "cites"), ("s3", "w4", "cites"),
    ]  # fmt: skip


def test_edges_lead_to_nothing_that_is_not_wanted(scenario: Scenario) -> None:
    typical(scenario)
    nodes, edges = graph(scenario, Choice(source_ids=(3,), wanted=frozenset({Wanted.DOWNLOADED})))
    assert [node.id for node in nodes] == ["w1", "s3"]
    assert ends(edges) == [("s3", "w1", "cites")]
    nodes, _ = graph(scenario, Choice(wanted=frozenset({Wanted.DUPLICATE})))
    assert [node.id for node in nodes if node.id.startswith("w")] == ["w1"]


def test_a_source_that_another_one_cites_is_one_node_with_the_cited_work(scenario: Scenario) -> None:
    """By its DOI, or because it is the PDF that was fetched for the work."""
    first, second, third = scenario.add("a.pdf", "b.pdf", "c.pdf")
    of_first = scenario.extract(first, ["Kelp", "Foam"])
    kelp = scenario.resolve(of_first[0], work("Kelp", doi="10.1/kelp"))
    foam = scenario.resolve(of_first[1], work("Foam", doi="10.1/foam"))
    (of_second,) = scenario.extract(second, ["Stones"], doi="10.1/Kelp")
    stones = scenario.resolve(of_second, work("Stones", doi="10.1/stones"))
    scenario.sql(f"UPDATE sources SET from_work_id = {foam}, level = 1 WHERE id = {third}")
    (of_third,) = scenario.extract(third, ["Foam"])
    scenario.sql(f"UPDATE entries SET work_id = {stones} WHERE id = {of_third}",
                 f"DELETE FROM no_metadata WHERE entry_id = {of_third}")  # fmt: skip
    nodes, edges = graph(scenario)
    assert {node.id: str(node.role) for node in nodes} == {
        f"w{kelp}": "both", f"w{foam}": "both", f"w{stones}": "cited", f"s{first}": "source",
    }  # fmt: skip
    assert ends(edges) == [
        (f"s{first}", f"w{kelp}", "cites"), (f"s{first}", f"w{foam}", "cites"),
        (f"w{kelp}", f"w{stones}", "cites"), (f"w{foam}", f"w{stones}", "cites"),
    ]  # fmt: skip


def test_who_cites_a_work_by_a_services_list_cites_it_in_the_graph(scenario: Scenario) -> None:
    first, citers = scenario.add("a.pdf", "citers")
    (of_first,) = scenario.extract(first, ["Kelp"])
    kelp = scenario.resolve(of_first, work("Kelp", doi="10.1/kelp"))
    (citing_entry,) = scenario.extract(citers, ["Later"])
    later = scenario.resolve(citing_entry, work("Later", doi="10.1/later"))
    scenario.sql(f"UPDATE sources SET kind = 'citing', from_work_id = {kelp} WHERE id = {citers}")
    _, edges = graph(scenario)
    assert ends(edges) == [
        (f"s{first}", f"w{kelp}", "cites"),
        (f"s{citers}", f"w{later}", "lists"),
        (f"w{later}", f"w{kelp}", "cites"),
    ]
