"""What a language model would be asked about readings, found out without asking it."""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.app.language.terms import bounds_of
from dl_lit.core.model import Bibliography
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings
from stages.language.doubts import bounded, doubtful_entries, doubtful_sections, parts


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlan:
    """What would be sent. Matches that turn out ambiguous, and questions that are asked again, come on top."""

    model: str  # provider and model
    sources: int  # that something is sent of
    pages: int
    entries: int  # one by one, beside those of the pages
    questions: int  # without those remembered


def model_plan(settings: Settings, read: Iterable[Bibliography]) -> ModelPlan | None:
    """The plan for these readings; None where no model is to read."""
    llm = settings.llm
    if not llm.is_on or not llm.reads:
        return None
    bounds = bounds_of(settings)
    sources = pages = entries = questions = 0
    for one in read:
        sections = bounded(doubtful_sections(one, bounds), bounds).sections
        shown = {page for section in sections for page in section.pages}
        alone = [entry for entry in doubtful_entries(one.references, bounds) if entry.page not in shown]
        sources += bool(shown or alone)
        pages += len(shown)
        entries += len(alone)
        questions += sum(len(parts(section.pages, bounds.section_pages)) for section in sections)
        questions += -(-len(alone) // llm.entries_together)
    return ModelPlan(model=llm.name, sources=sources, pages=pages, entries=entries, questions=questions)
