"""What `dl-lit explain` says of a work's standing and kin: notices, versions, translations, other titles, merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_lit.cli.paragraphs import tell
from dl_lit.cli.printing import shown
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
        tell(said, indent=4)
    for title in story.titles:
        tell(f"also called: {shown(title.title)}{f' ({title.language})' if title.language else ''}", indent=4)
    for linked in story.linked:
        tell(f"{_NAMES[linked.kind]}: {_other(linked)}", indent=4)
    for merge in story.merges:
        other, called = merge.gone_work_id, merge.gone.title
        if merge.undone_at and other == work.id:
            other, called = merge.kept_work_id, merge.kept_title or ""
        what = f"w{other} {shown(called, width=80)}"
        if merge.undone_at:
            tell(f"told apart from: {what} (merge {merge.id}, undone {merge.undone_at})", indent=4)
        else:
            tell(f"taken for one with: {what}, {shown(merge.evidence, width=120)} (merge {merge.id})", indent=4)


def _other(linked: Linked) -> str:
    view = linked.view
    doi = f", {view.work.doi}" if view.work.doi else ""
    where = "its PDF is in the library" if view.file else view.place.value.replace("_", " ")
    title = shown(view.work.title, width=80)
    return f"w{view.id} {title} ({view.work.year or 'n. d.'}{doi}): {where}; {shown(linked.evidence, width=120)}"
