"""The kinds of values that settings have, with their bounds."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Workers = Annotated[int, Meta(ge=1, le=256)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Credits = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Megabytes = Annotated[int, Meta(ge=0, le=16_777_216)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Days = Annotated[float, Meta(ge=0, le=36_500)]
Share = Annotated[float, Meta(gt=0, le=1)]
SomeSeconds = Annotated[float, Meta(ge=0.001, le=86_400)]
