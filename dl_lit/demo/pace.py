"""Settings for a run in quick motion: all limits divided by the factor by which a replica's time runs faster."""

from __future__ import annotations

from dl_lit.core.services import SERVICES, Lane, Window

GAP_S = 2.0
"""Between two requests to one host, in the replica's time."""


def quick_motion(scale: float) -> dict[str, str]:
    """The DL_LIT_* variables that let dl_lit ask `scale` times as fast as the real services allow."""
    found = {"DL_LIT_HOST_GAP_S": f"{GAP_S / scale:.6f}", "DL_LIT_HOST_WAIT_S": f"{1.0 / scale:.6f}"}
    for service in SERVICES:
        name = service.name.upper()
        found[f"DL_LIT_{name}_RATE"] = _rate(service.polite, scale)
        for lane, polite, _ in service.lanes:
            found[f"DL_LIT_{name}_{lane.upper()}_RATE"] = _rate(polite, scale)
    return found


def quickened(lane: Lane, scale: float) -> Lane:
    """The lane as it is in the replica's time."""
    return Lane(tuple(Window(one.permits, one.seconds / scale) for one in lane.windows), lane.concurrency)


def _rate(lane: Lane, scale: float) -> str:
    return ", ".join(f"{one.permits}/{one.seconds:.6f}" for one in quickened(lane, scale).windows)
