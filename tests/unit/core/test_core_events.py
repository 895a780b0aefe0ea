"""What others are told of."""

from __future__ import annotations

from dl_lit.core.events import Batch
from dl_lit.core.model import StageName


def test_a_batch_counts_what_people_ask_for() -> None:
    """Works without a file may have failed in either of the last two stages."""
    batch = Batch(
        began_at=0.0,
        seconds=60.0,
        done={StageName.EXTRACTION: 2, StageName.ENRICHMENT: 30, StageName.QUEUEING: 25, StageName.DOWNLOAD: 20},
        failed={
            StageName.ENRICHMENT: {"no-match": 4},
            StageName.QUEUEING: {"no-oa-location": 5},
            StageName.DOWNLOAD: {"http-404": 2, "blocked-login": 1},
        },
    )
    assert (batch.sources, batch.recognised, batch.unrecognised) == (2, 30, 4)
    assert (batch.downloaded, batch.missing, batch.items) == (20, 8, 89)
    assert Batch(began_at=0.0, seconds=0.0, done={}).missing == 0
