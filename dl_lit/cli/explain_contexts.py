"""Where the text of a source cites an entry, for `dl-lit explain`."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.cli.paragraphs import tell_field
from dl_lit.cli.printing import line
from dl_lit.core.model import CitationContext

_SHOWN = 10


def tell_contexts(contexts: Sequence[CitationContext]) -> None:
    """The places with page, marker and sentence, the first few of them; nothing where none are known."""
    for context in contexts[:_SHOWN]:
        tell_field("cited", f"p. {context.page}, {context.marker}: {context.sentence}")
    if len(contexts) > _SHOWN:
        line(f"  cited {len(contexts) - _SHOWN} times more: dl-lit explain --json has all of them")
