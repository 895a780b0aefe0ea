"""Addresses that do not work, and addresses that must not be asked: nothing may ever reach the canary."""

from __future__ import annotations

from dl_lit.core.reasons import Reason
from dl_lit.replica.traps.answers import citation, closing, html, page, pdf, redirect, status
from dl_lit.replica.traps.model import PAGE_AT, At, Case, failed

CANARY = "127.7.7.7"
"""A host outside of what the settings allow: it stands for the machines of a private network."""

_UNSAFE = failed(Reason.UNSAFE_URL)


def _straight(name: str, url: str, why: str = "") -> Case:
    return Case(name=name, end=_UNSAFE, at=(At(url=url),), why=why)


def _redirected(name: str, to: str, why: str = "") -> Case:
    return Case(name=name, end=_UNSAFE, answers={"/paper.pdf": redirect(to)}, why=why)


ADDRESSES: tuple[Case, ...] = (
    Case(name="not-found", end=failed(Reason.HTTP_404), answers={"/paper.pdf": status(404)}),
    Case(name="gone", end=failed(Reason.HTTP_410), answers={"/paper.pdf": status(410)}),
    Case(name="legal-reasons", end=failed(Reason.HTTP_4XX), answers={"/paper.pdf": status(451)}),
    Case(name="bad-request", end=failed(Reason.HTTP_4XX), answers={"/paper.pdf": status(400)}),
    Case(
        name="dead-link-of-a-page",
        end=failed(Reason.HTTP_404),
        at=PAGE_AT,
        answers={"/article": page("", head=citation("{a}/gone.pdf"))},
    ),
    Case(
        name="no-address",
        end=failed(Reason.INVALID_URL),
        at=(At(url="http://127.0.0.1:99999/paper.pdf"),),
        why="no such port",
    ),
    Case(
        name="half-an-address",
        end=failed(Reason.INVALID_URL),
        at=(At(url="http://[2001:db8::1/paper.pdf"),),
        why="what no parser takes must not end the worker either",
    ),
    _straight("private-straight", "http://10.255.255.1/paper.pdf"),
    _straight("canary-straight", "{canary}/paper.pdf"),
    _straight("metadata-service", "http://169.254.169.254/latest/meta-data/iam"),
    Case(
        name="octal",
        end=failed(Reason.INVALID_URL),
        at=(At(url="http://0177.07.07.07:{port}/paper.pdf"),),
        why="by RFC 3986 figures with leading zeros are no address, and nobody asks a C library what it reads in them",
    ),
    _straight("integer", "http://2131166983:{port}/paper.pdf", why="127.7.7.7 as one number"),
    _straight("hexadecimal", "http://0x7f070707:{port}/paper.pdf"),
    _straight("short-form", "http://127.7.1799:{port}/paper.pdf"),
    _straight("mapped", "http://[::ffff:127.7.7.7]:{port}/paper.pdf"),
    _straight("mapped-in-hexadecimal", "http://[::ffff:7f07:707]:{port}/paper.pdf"),
    _straight(
        "translated-address", "http://[64:ff9b::7f07:707]:{port}/paper.pdf", why="NAT64 carries any IPv4 address"
    ),
    _straight("loopback-v6", "http://[::1]:{port}/paper.pdf"),
    Case(
        name="full-width-digits",
        end=failed(Reason.INVALID_URL),
        at=(At(url="http://１２７.７.７.７:{port}/paper.pdf"),),
        why="browsers read figures of any width; the rules of host names (IDNA 2008) take none such",
    ),
    _straight(
        "with-credentials",
        "http://trusted.example:{port}@127.7.7.7:{port}/paper.pdf",
        why="what looks like the host is a name",
    ),
    _straight("odd-port", "http://127.0.201.1:22/paper.pdf", why="allowed address, port of another service"),
    _redirected("redirect-private", "http://10.255.255.1/internal"),
    _redirected("redirect-canary", "{canary}/paper.pdf"),
    Case(
        name="redirect-octal",
        end=failed(Reason.BAD_REDIRECT),
        answers={"/paper.pdf": redirect("http://0177.0007.7.7:{port}/paper.pdf")},
        why="likewise: a redirect to what is no address",
    ),
    _redirected("redirect-integer", "http://2131166983:{port}/paper.pdf"),
    _redirected("redirect-mapped", "http://[::ffff:127.7.7.7]:{port}/paper.pdf"),
    Case(
        name="redirect-second-hop",
        end=_UNSAFE,
        answers={"/paper.pdf": redirect("{b}/next"), "b:/next": redirect("//127.7.7.7:{port}/paper.pdf")},
    ),
    Case(
        name="link-into-private-network",
        end=_UNSAFE,
        at=PAGE_AT,
        answers={"/article": page("", head=citation("{canary}/paper.pdf"))},
    ),
    Case(
        name="refresh-into-private-network",
        end=_UNSAFE,
        at=(At(url="/go", is_pdf=False),),
        answers={
            "/go": redirect("/1"),
            "/1": html(
                '<html><head><meta http-equiv="refresh" content="0;url=http://10.255.255.1/paper.pdf">'
                "</head><body>Your download begins shortly.</body></html>"
            ),
        },
    ),
    Case(
        name="name-of-private-host",
        end=_UNSAFE,
        at=(At(url="http://intranet.trap.test:{port}/paper.pdf"),),
        names={"intranet.trap.test": ("canary",)},
    ),
    Case(
        name="one-of-two-addresses-private",
        end=_UNSAFE,
        at=(At(url="http://mixed.trap.test:{port}/paper.pdf"),),
        names={"mixed.trap.test": ("a+canary",)},
        answers={"/paper.pdf": pdf()},
        why="who answers with a private address beside a public one is after the former",
    ),
    Case(
        name="rebinding",
        end=_UNSAFE,
        at=(At(url="http://rebind.trap.test:{port}/paper.pdf"),),
        names={"rebind.trap.test": ("a", "canary")},
        answers={"/paper.pdf": closing(redirect("http://rebind.trap.test:{port}/second"))},
        why="the second look-up of the name gives the private address: each connection goes where was checked",
    ),
)
