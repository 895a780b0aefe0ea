"""Recorded pages, where the folder ../shared lies beside the checkout; what is right on them was judged by reading."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.landing_cases import Case

from dl_lit.core.model import Work, WorkType
from dl_lit.core.reasons import Reason

_FOLDER = Path(__file__).parents[3] / "shared" / "recorded"
_CROCI = Work(
    title=(
        "Crowdsourcing open citations with CROCI -- An analysis of the current status of open citations, and a proposal"
    ),
    arxiv_id="1902.02534",
)
_SCREENSHOT = Work(title="PsPM-SC4B: SCR, ECG, EMG, PSR and respiration measurements", type=WorkType.DATASET)


def cases() -> list[Case]:
    """The pages that are there; none where the folder is absent."""
    known = (
        (
            "arxiv/commonmeta-py__test-schema_org_reader_test_arxiv__0.json",
            _CROCI,
            ("https://arxiv.org/pdf/1902.02534",),
            None,
        ),
        ("zenodo/commonmeta-py__test-schema_org_reader_test_zenodo__1.json", _SCREENSHOT, (), Reason.NOT_A_DOCUMENT),
    )
    found = []
    for name, work, right, why in known:
        path = _FOLDER / name
        if path.is_file():
            recorded = json.loads(path.read_text(encoding="utf-8"))
            url, html = recorded["request"]["url"], recorded["body"]
            found.append(Case(name=name, url=url, html=html, right=right, why=why, work=work))
    return found
