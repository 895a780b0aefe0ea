"""The four stages of the pipeline, and `PIPELINE`, their order.

Adding a stage is one module here (a class that obeys `dl_lit.core.job.Stage`), its item and fact types in
`dl_lit.core.items`, its name in `dl_lit.core.model.StageName`, one line in `PIPELINE`, and one migration for its
waiting room. `dl_lit.app` constructs the stages, since each wants other ports. Adding a metadata source or a locator is
one module in `stages.sources` or `stages.locators` and one line in the registry there.
"""

from dl_lit.core.model import StageName

PIPELINE: tuple[StageName, ...] = (
    StageName.EXTRACTION,
    StageName.ENRICHMENT,
    StageName.QUEUEING,
    StageName.DOWNLOAD,
)
"""The stages in the order in which work passes through them; the room after the last is the library."""
