"""The page that shows how things stand. It holds no data: it asks for them, with the token from its address."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dl_lit.web.dashboard import document


def _page(_request: Request) -> Response:
    """The page. Only the script that stands in it may run, and it may talk to nobody but us."""
    nonce = secrets.token_urlsafe(16)
    only = f"style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'"
    policy = f"default-src 'none'; connect-src 'self'; img-src data:; {only}"
    headers = {
        "content-security-policy": f"{policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
    }
    return Response(document(nonce), media_type="text/html", headers=headers)


PAGE_ROUTES = [Route("/", _page)]
"""What may be had without the token, since there is nothing to be learnt from it."""
