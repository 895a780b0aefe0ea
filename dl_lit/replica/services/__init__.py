"""The services and hosts of the replica, each answering in the real one's shapes."""

from __future__ import annotations

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.language.model import CHAT_SITES, Language
from dl_lit.replica.services.acl import Anthology
from dl_lit.replica.services.aggregators import Core, Doaj, OpenAlexContent
from dl_lit.replica.services.anthropic import Anthropic
from dl_lit.replica.services.archives import ScholarArchive, Wayback
from dl_lit.replica.services.arxiv import Arxiv
from dl_lit.replica.services.biorxiv import Biorxiv
from dl_lit.replica.services.books import Doab, InternetArchive, Oapen
from dl_lit.replica.services.chat import Chat
from dl_lit.replica.services.crossref import Crossref
from dl_lit.replica.services.datacite import DataCite
from dl_lit.replica.services.doi import Resolver
from dl_lit.replica.services.europepmc import EuropePmc
from dl_lit.replica.services.figshare import Figshare
from dl_lit.replica.services.files import Files
from dl_lit.replica.services.gemini import Gemini
from dl_lit.replica.services.grobid import Grobid
from dl_lit.replica.services.hal import Hal
from dl_lit.replica.services.inspire import Inspire
from dl_lit.replica.services.open_library import OpenLibrary
from dl_lit.replica.services.openalex import OpenAlex
from dl_lit.replica.services.opencitations import OpenCitations
from dl_lit.replica.services.osf import Osf
from dl_lit.replica.services.pmc import PmcBucket
from dl_lit.replica.services.pubmed import PubMed
from dl_lit.replica.services.semantic_scholar import SemanticScholar
from dl_lit.replica.services.settings import Settings
from dl_lit.replica.services.unpaywall import Unpaywall
from dl_lit.replica.services.web import PublisherHost, RepositoryHost
from dl_lit.replica.services.zenodo import Zenodo
from dl_lit.replica.wire import Service

__all__ = ["Settings", "make_services"]


def make_services(
    catalogue: Catalogue, settings: Settings, files: Files, language: Language, time_scale: float
) -> dict[str, Service]:
    """Every service by the name of its site, and the hosts by their group."""
    openalex = OpenAlex(catalogue, settings, time_scale)
    return {
        "openalex": openalex,
        "crossref": Crossref(catalogue, time_scale),
        "datacite": DataCite(catalogue),
        "unpaywall": Unpaywall(catalogue),
        "arxiv": Arxiv(catalogue, files),
        "europepmc": EuropePmc(catalogue, files),
        "pmc": PmcBucket(catalogue, files),
        "doi": Resolver(catalogue),
        "semantic_scholar": SemanticScholar(catalogue, settings),
        "grobid": Grobid(catalogue, settings),
        "pubmed": PubMed(catalogue),
        "opencitations": OpenCitations(catalogue),
        "inspire": Inspire(catalogue),
        "open_library": OpenLibrary(catalogue),
        "hal": Hal(catalogue),
        "acl": Anthology(catalogue, files),
        "oapen": Oapen(catalogue, files),
        "doab": Doab(catalogue, files),
        "internet_archive": InternetArchive(catalogue, files),
        "scholar_archive": ScholarArchive(catalogue),
        "wayback": Wayback(catalogue, files),
        "doaj": Doaj(catalogue),
        "core": Core(catalogue, files),
        "openalex_content": OpenAlexContent(catalogue, files, openalex),
        "zenodo": Zenodo(catalogue, files),
        "biorxiv": Biorxiv(catalogue),
        "osf": Osf(catalogue, files),
        "figshare": Figshare(catalogue, files),
        **{site: Chat(language.models[site], site) for site in CHAT_SITES},
        "gemini": Gemini(language.models["gemini"]),
        "anthropic": Anthropic(language.models["anthropic"]),
        "publisher": PublisherHost(catalogue, files),
        "repository": RepositoryHost(catalogue, files),
    }
