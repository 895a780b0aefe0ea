"""A hook of schemathesis: notes every answer in the file that SURFACE_SEEN names, one line of JSON each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:  # noqa: ARG001 - as schemathesis calls it
    """Note which operation was asked, how it was answered, and what was taken."""
    told: dict[str, Any] = {"operation": case.operation.label, "status": response.status_code}
    if response.status_code == 202:
        document = response.json()
        told |= {"id": document.get("id"), "sha256": document.get("sha256")}
    with Path(os.environ["SURFACE_SEEN"]).open("a", encoding="ascii") as file:
        file.write(json.dumps(told) + "\n")


schemathesis.openapi.media_type(
    "application/pdf",
    st.binary(max_size=200).map(lambda tail: b"%PDF-1.7\n%" + tail),
    aliases=["application/octet-stream"],
)
