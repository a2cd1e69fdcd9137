"""Everything that a person can set, read once, checked whole, passed down as plain frozen values.

Order, the later over the earlier: defaults in `sections`, gigawatch.toml, environment, the caller's overrides.
pydantic checks the types; the merging is done here, not by pydantic-settings, because every fault must name the file
and line or the variable that its value came from, and because an unknown variable must be a fault.
"""

from __future__ import annotations

from worker.settings.files import packaged
from worker.settings.loading import load
from worker.settings.reference import Setting, reference
from worker.settings.secrets import mask_of
from worker.settings.whole import Settings, mask_address, mask_webhook

__all__ = ["Setting", "Settings", "load", "mask_address", "mask_of", "mask_webhook", "packaged", "reference"]
