"""Our RDF, read with rdflib as Zotero's import reads it: items by type, containers, people, files, collections."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from proofs.roundtrip.reading import Facts, Read
from proofs.roundtrip.records import folded
from rdflib import RDF, Graph, Namespace
from rdflib.container import Seq
from rdflib.term import Node, URIRef

_BASE = "file:///x/"
_Z = Namespace("http://www.zotero.org/namespaces/export#")
_DC = Namespace("http://purl.org/dc/elements/1.1/")
_TERMS = Namespace("http://purl.org/dc/terms/")
_BIB = Namespace("http://purl.org/net/biblio#")
_FOAF = Namespace("http://xmlns.com/foaf/0.1/")
_LINK = Namespace("http://purl.org/rss/1.0/modules/link/")
_PRISM = Namespace("http://prismstandard.org/namespaces/1.2/basic/")


def by_rdflib(text: str) -> Read:
    """rdflib; the element for paths renamed first, since RDF reserves the name that Zotero took for it."""
    graph = Graph()
    text = text.replace("<rdf:resource rdf:resource=", "<z:filePath rdf:resource=")
    graph.parse(data=text, format="xml", publicID=_BASE)
    collections = {
        item: folded(str(graph.value(one, _DC.title)))
        for one in graph.subjects(RDF.type, _Z.Collection)
        for item in graph.objects(one, _TERMS.hasPart)
    }
    found, complaints = {}, []
    for item in graph.subjects(_Z.itemType, None):
        if str(graph.value(item, _Z.itemType)) != "attachment":
            key = unquote(str(item).partition("#item_")[2])
            found[key] = _item(graph, item)
            complaints += [] if item in collections else [f"{key} is in no collection"]
    complaints += [f"a relation to nothing: {end}" for end in graph.objects(None, _DC.relation) if not list(graph[end])]
    return found, complaints


def _item(graph: Graph, item: Node) -> Facts:
    container = graph.value(item, _TERMS.isPartOf)
    places = [item] if container is None else [container, item]
    identifiers = [str(one) for one in graph.objects(item, _DC.identifier) if not list(graph[one])]
    addresses = [str(graph.value(one, RDF.value)) for one in graph.objects(item, _DC.identifier) if list(graph[one])]
    attachment = graph.value(item, _LINK.link)
    organization = graph.value(item, _DC.publisher)

    def text(subjects: list[Node], *names: URIRef) -> str:
        values = (graph.value(one, name) for one in subjects for name in names)
        return folded(str(next((value for value in values if value is not None), "")))

    return {
        "marked title": text([item], _DC.title),
        "authors": " / ".join(_people(graph, item, _BIB.authors)),
        "editors": " / ".join(_people(graph, item, _BIB.editors)),
        "year": text([item], _DC.date),
        "marked container": text([container], _DC.title) if container is not None else text([item], _DC.source),
        "publisher": text([organization], _FOAF.name) if organization is not None else "",
        "volume": text(places, _PRISM.volume),
        "issue": text(places, _PRISM.number),
        "pages": text([item], _BIB.pages),
        "doi": next((one.removeprefix("DOI ") for one in identifiers if one.startswith("DOI ")), ""),
        "isbn": next((one.removeprefix("ISBN ") for one in identifiers if one.startswith("ISBN ")), ""),
        "url": next(iter(addresses), ""),
        "kind": text([item], _Z.itemType),
        "file": "" if attachment is None else str(graph.value(attachment, _Z.filePath)).removeprefix(_BASE),
    }


def _people(graph: Graph, item: Node, role: URIRef) -> Iterator[str]:
    container = graph.value(item, role)
    if container is None:
        return
    for person in Seq(graph, container).items():
        surname, given = graph.value(person, _FOAF.surname), graph.value(person, _FOAF.givenName)
        yield folded(f"{surname}, {given}" if given else str(surname))
