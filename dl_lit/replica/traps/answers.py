"""How the traps' hosts answer: the small words the catalogue of traps is written in."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from html import escape

from dl_lit.core.model import Work
from dl_lit.replica.ranges import file_response
from dl_lit.replica.traps.model import Serve, Visit
from dl_lit.replica.traps.papers import plain
from dl_lit.replica.wire import Header, Manner, Response, html_response

File = Callable[[Work], bytes]
PDF: Header = ("content-type", "application/pdf")


@lru_cache(maxsize=1_024)
def made(make: File, work: Work) -> bytes:
    """The file, made once."""
    return make(work)


def pdf(make: File = plain, *headers: Header, content_type: str | None = "application/pdf") -> Serve:
    """A file, whole, as `content_type`; None sends none."""
    usual = (("content-type", content_type),) if content_type is not None else ()
    return lambda visit: Response(200, made(make, visit.work), (*usual, *headers))


def ranged(make: File = plain) -> Serve:
    """A file of a server that knows ranges."""
    return lambda visit: file_response(visit.request, made(make, visit.work), (PDF,))


def raw(body: bytes, content_type: str, *headers: Header, status: int = 200) -> Serve:
    """These bytes."""
    return lambda _visit: Response(status, body, (("content-type", content_type), *headers))


def status(code: int, *headers: Header, title: str = "") -> Serve:
    """A refusal with a short page."""
    page = f"<html><head><title>{title or code}</title></head><body><h1>{title or code}</h1></body></html>"
    return lambda _visit: html_response(page, headers, status=code)


def redirect(to: str, *headers: Header, code: int = 302) -> Serve:
    """On to an address, in which {a}, {b}, {canary} and {port} stand for those of this run."""
    return lambda visit: Response(code, b"", (("location", filled(to, visit)), *headers))


def page(body: str, *, head: str = "", headers: Sequence[Header] = (), code: int = 200) -> Serve:
    """A landing page of the work with this body, and `head` beside the usual meta tags; braces as in `redirect`."""

    def serve(visit: Visit) -> Response:
        work = visit.work
        title = escape(work.title)
        metas = f'<meta name="citation_title" content="{title}"><meta name="citation_doi" content="{work.doi}">'
        html = (
            f"<!DOCTYPE html>\n<html><head><title>{title}</title>{metas}{filled(head, visit)}</head><body>"
            f"<h1>{title}</h1><p>{_ABSTRACT}</p>{filled(body, visit)}</body></html>"
        )
        return html_response(html, [(name, filled(value, visit)) for name, value in headers], status=code)

    return serve


def html(text: str, *headers: Header, content_type: str = "text/html; charset=utf-8", code: int = 200) -> Serve:
    """A page as it stands."""
    return lambda _visit: Response(code, text.encode(), (("content-type", content_type), *headers))


def citation(to: str) -> str:
    """The meta tag that names a page's PDF."""
    return f'<meta name="citation_pdf_url" content="{to}">'


def turns(*answers: Serve) -> Serve:
    """One after the other; the last one for ever."""
    return lambda visit: answers[min(visit.times, len(answers)) - 1](visit)


def cut(make: File = plain, *headers: Header, share: float = 0.5) -> Serve:
    """A part of the file under the length of the whole, then the connection ends."""

    def serve(visit: Visit) -> Response:
        body = made(make, visit.work)
        usual = file_response(visit.request, body, (PDF, *headers)) if headers else Response(200, body, (PDF,))
        return Response(200, body, usual.headers, manner=Manner.CUT, cut_at=int(len(body) * share))

    return serve


def resumable(make: File, rest: Serve) -> Serve:
    """Breaks off in the middle of what is asked for whole, and answers requests for the rest as `rest` does."""

    def serve(visit: Visit) -> Response:
        if "range" in visit.request.headers:
            return rest(visit)
        body = made(make, visit.work)
        whole = file_response(visit.request, body, (PDF,))
        return Response(200, body, whole.headers, manner=Manner.CUT, cut_at=len(body) // 2)

    return serve


def announced(make: File, length: int) -> Serve:
    """A file under a Content-Length of its own choice."""
    return lambda visit: Response(200, made(make, visit.work), (PDF,), declared_length=length)


def endless(piece: bytes, *, pause_s: float, content_type: str = "application/pdf") -> Serve:
    """A file that never ends."""
    kind = ("content-type", content_type)
    return lambda _visit: Response(200, piece, (kind,), manner=Manner.ENDLESS, extra_delay_s=pause_s)


def endless_head(*, pause_s: float) -> Serve:
    """Headers without end."""
    return lambda _visit: Response(200, b"", (PDF,), manner=Manner.ENDLESS_HEAD, extra_delay_s=pause_s)


def silence() -> Serve:
    """Never an answer."""
    return lambda _visit: Response(0, manner=Manner.HANG)


def reset() -> Serve:
    """The connection is reset."""
    return lambda _visit: Response(0, manner=Manner.RESET)


def bomb() -> Serve:
    """Some KB that begin like a PDF and unpack to 64 MB."""
    return lambda _visit: Response(200, _packed_zeros(64), (PDF, ("content-encoding", "gzip")))


@lru_cache(maxsize=1)
def _packed_zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1024 * 1024)
    pieces = [packer.compress(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), *(packer.compress(block) for _ in range(megabytes))]
    return b"".join(pieces) + packer.flush()


def packed(make: File = plain) -> Serve:
    """The file packed for the way, though nobody asked for it."""
    return lambda visit: Response(
        200, gzip.compress(made(make, visit.work), mtime=0), (PDF, ("content-encoding", "gzip"))
    )


def late(serve: Serve, seconds: float) -> Serve:
    """The same, after a while."""
    return lambda visit: replace(serve(visit), extra_delay_s=seconds)


def closing(serve: Serve) -> Serve:
    """The same, and the connection ends with it."""
    return lambda visit: replace(serve(visit), close=True)


def with_cookie(serve: Serve, otherwise: Serve, name: str = "seen") -> Serve:
    """`serve` for who sends the cookie."""
    return lambda visit: (serve if f"{name}=" in visit.request.headers.get("cookie", "") else otherwise)(visit)


def filled(text: str, visit: Visit) -> str:
    """`text` with the addresses of this run in its braces."""
    for name in ("a", "b", "c", "canary", "port"):
        if "{" + name + "}" in text:
            text = text.replace("{" + name + "}", visit.base(name))
    return text


_ABSTRACT = (
    "We report observations over two seasons and discuss what they mean for the methods in use. Each series was read "
    "twice by persons who did not know the purpose of the reading, and differences were settled by a third person. "
    "The results are compared with those of earlier authors, and the data are available from the archive."
)
