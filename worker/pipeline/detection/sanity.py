"""Figures that no deal can have are not told: three hundred digits in a row are infinity to a float, which neither JSON
nor a reader can do anything with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from worker.model import Flow

# A thousand times what the world turns over in a year, in the smallest of its currencies, and then some.
_MOST = 1e18


def plausible(flow: Flow) -> Flow:
    """Return `flow` with impossible figures unsaid; without its figure it is still a flow."""
    # NaN compares false with everything.
    wrong: dict[str, Any] = {
        name: None
        for name in ("amount", "megawatts", "chips", "years")
        if (value := getattr(flow, name)) is not None and not 0 <= value <= _MOST
    }
    return replace(flow, **wrong) if wrong else flow
