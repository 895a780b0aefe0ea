"""Publishers that serve PDFs to programs by a key of the user's: text and data mining interfaces. Pure, nothing asked.

Read 2026-11-23: https://dev.elsevier.com/documentation/ArticleRetrievalAPI.wadl (`/content/article/doi/{doi}`,
`httpAccept`; without entitlement it gives the first page alone, which the proof of the file refuses as a preview) and
https://onlinelibrary.wiley.com/library-info/resources/text-and-datamining (`/onlinelibrary/tdm/v1/articles/{doi}`).
Springer Nature's interfaces (https://dev.springernature.com/) give XML, no PDF; others work by the network's address
alone and need no key here.
"""

from __future__ import annotations

from urllib.parse import quote

from dl_lit.core.model import HostType, Location, Version, Work
from stages.access.rights import Rights

FOUND_BY = "publisher_tdm"

# Prefixes under which they register (https://api.crossref.org/prefixes/10.1016 and the like, read 2026-11-23).
ELSEVIER = frozenset({"10.1006", "10.1016", "10.1053", "10.1054", "10.1067", "10.1078", "10.1205"})
WILEY = frozenset({"10.1002", "10.1029", "10.1046", "10.1096", "10.1111", "10.1113", "10.1348", "10.1359", "10.1634"})


def locate(work: Work, rights: Rights) -> tuple[Location, ...]:
    """Give the address at the interface of the publisher whose DOI it is; nothing where no key of theirs is set."""
    prefix = (work.doi or "").partition("/")[0]
    doi = quote(work.doi or "", safe="")
    if prefix in ELSEVIER and rights.elsevier_url:
        return (_place(f"{rights.elsevier_url}/content/article/doi/{doi}?httpAccept=application/pdf"),)
    if prefix in WILEY and rights.wiley_url:
        return (_place(f"{rights.wiley_url}/onlinelibrary/tdm/v1/articles/{doi}"),)
    return ()


def _place(url: str) -> Location:
    return Location(url=url, host_type=HostType.PUBLISHER, version=Version.PUBLISHED, found_by=FOUND_BY)
