"""The page: one document with its styles and scripts in it, so that it needs nothing from elsewhere and no token.

`page.html` is the frame; the files of `styles` and `scripts` are put into it in the order of their numbers and share
one scope. Nothing is built, nothing is minified: what the browser shows is what stands here.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from operator import attrgetter

_NONCE = "{{nonce}}"


def document(nonce: str) -> str:
    """The whole page; only styles and scripts that carry the nonce are to be let through."""
    return _whole().replace(_NONCE, nonce)


@lru_cache(maxsize=1)
def _whole() -> str:
    here = files(__name__)
    frame = here.joinpath("page.html").read_text(encoding="utf-8")
    for folder, ending in (("styles", ".css"), ("scripts", ".js")):
        parts = [part for part in here.joinpath(folder).iterdir() if part.name.endswith(ending)]
        parts.sort(key=attrgetter("name"))
        text = "\n".join(f"/* {part.name} */\n{part.read_text(encoding='utf-8')}" for part in parts)
        frame = frame.replace(f"{{{{{folder}}}}}", text)
    return frame
