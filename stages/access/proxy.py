"""Publishers' addresses through the proxy of the user's institution. Pure, nothing asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dl_lit.core.access import proxied
from dl_lit.core.model import HostType, Location, Version, Work
from stages.access.publisher_tdm import FOUND_BY as BY_KEY
from stages.access.rights import Rights
from stages.answers import path_quote

FOUND_BY = "proxy"
_MOST = 3


def locate(work: Work, known: Iterable[Location], rights: Rights) -> tuple[Location, ...]:
    """Give the publisher's addresses that were known, and the DOI's, as the proxy is asked for them."""
    if rights.proxy is None:
        return ()
    places = [one for one in known if one.host_type is HostType.PUBLISHER and one.found_by not in {FOUND_BY, BY_KEY}]
    if work.doi:
        url = f"{rights.doi_url}/{path_quote(work.doi)}"
        places.append(Location(url=url, is_pdf=False, host_type=HostType.PUBLISHER, version=Version.PUBLISHED))
    each = {one.url: one for one in reversed(places)}
    return tuple(
        replace(one, url=proxied(rights.proxy, one.url), found_by=FOUND_BY, licence=None)
        for one in list(each.values())[::-1][:_MOST]
    )
