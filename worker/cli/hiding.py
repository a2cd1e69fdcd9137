"""What this process shows: one mask over its log lines, tracebacks and answers.

Before the settings are read no secret is known by its value; passwords within addresses are hidden all the same.
"""

from __future__ import annotations

import logging

from worker.masking import NOTHING, Mask

_mask = NOTHING


def hide(mask: Mask) -> None:
    """Hide what `mask` hides from now on, in this process and those forked from it."""
    global _mask
    _mask = mask


def shown(text: str) -> str:
    """Return `text` as it may be shown."""
    return _mask(text)


class Formatter(logging.Formatter):
    """Formats a log line, traceback included, as it may be shown."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record))
