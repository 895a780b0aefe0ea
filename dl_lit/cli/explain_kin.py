"""What `dl-lit explain` says of a work's standing and kin: notices, versions, translations, other titles, merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_lit.cli.printing import line, shown
from dl_lit.core.model import RelationKind
from dl_lit.exports.standing import standing

if TYPE_CHECKING:
    from db.reading.explain import Story
    from db.reading.kin import Linked

_NAMES = {RelationKind.VERSION: "other version", RelationKind.TRANSLATION: "translation"}


def tell_kin(story: Story) -> None:
    """Print what is known, a line each."""
    work = story.work or (story.entry.work if story.entry else None)
    if work is None:
        return
    for said in standing(work.work):
        line(f"    {shown(said)}")
    for title in story.titles:
        line(f"    also called: {shown(title.title)}{f' ({title.language})' if title.language else ''}")
    for linked in story.linked:
        line(f"    {_NAMES[linked.kind]}: {_other(linked)}")
    for merge in story.merges:
        what = f"w{merge.gone_work_id} {shown(merge.gone.title, width=80)}"
        if merge.undone_at:
            line(f"    told apart from: {what} (merge {merge.id}, undone {merge.undone_at})")
        else:
            line(f"    taken for one with: {what}, {shown(merge.evidence, width=120)} (merge {merge.id})")


def _other(linked: Linked) -> str:
    view = linked.view
    doi = f", {view.work.doi}" if view.work.doi else ""
    where = "its PDF is in the library" if view.file else view.place.value.replace("_", " ")
    title = shown(view.work.title, width=80)
    return f"w{view.id} {title} ({view.work.year or 'n. d.'}{doi}): {where}; {shown(linked.evidence, width=120)}"
