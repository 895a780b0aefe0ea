"""What holds a printed entry against what a service says of a work: either may be of any length and sense."""

from __future__ import annotations

from proofs.hostile.fuzz.target import Target, parts, text

from dl_lit.core.model import Name, Reference, Work
from dl_lit.matching.decide import decide
from dl_lit.matching.normalise import plain_text

_LONGEST_ENTRY = 4_000  # characters: the reader cuts longer ones


def _decided(data: bytes) -> object:
    """Entry, its title, its first author; then the record's title, people one a line, container, volume and pages."""
    raw, printed, author, title, people, container, pages = (text(part) for part in parts(data, 7))
    raw = raw[:_LONGEST_ENTRY]
    reference = Reference(
        position=1,
        raw=raw,
        title=printed[:_LONGEST_ENTRY] or None,
        authors=(Name(family=author[:_LONGEST_ENTRY]),) if author else (),
        year=2001,
        container_title=container[:_LONGEST_ENTRY] or None,
        pages=pages[:_LONGEST_ENTRY] or None,
    )
    work = Work(
        title=plain_text(title),
        authors=tuple(Name(family=one) for one in people.split("\n")[:3_000]),
        year=2001,
        container_title=container or None,
        volume=pages or None,
        pages=pages or None,
        doi="10.1000/x",
    )
    return decide(reference, [work, Work(title=printed, doi="10.1000/y"), Work(title=title, year=2002)])


_ENTRY = (
    "[1] Aa, B., Knuth D. E.: On the Motion of Small Particles: A Study. Annalen der Physik 17(8), 549–560 (2001)",
    "On the Motion of Small Particles: A Study",
    "Aa",
    "On the motion of <i>small</i> particles — a study &amp; more",
    "Aa\nKnuth\nvan der Özil",
    "Ann. d. Phys.",
    "549-560",
)

TARGETS = (
    Target(
        "matching",
        _decided,
        lambda: [
            "\0".join(_ENTRY).encode(),
            "\0量子力学 的 研究\0李\0量子力学的研究\0李明\0学报\0001".encode(),
            b"Proceedings of the 12th Conference, vol. II, part 3\0\0\0Proceedings, Volume 2\0\0\0II",
        ],
    ),
)
