"""Alerts on the terminal, and in a file beside the data."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from worker import text
from worker.errors import DeliveryError
from worker.model import Alert, Receipt, Recipient

# Bytes from which the file makes room for a new one; the one before it is kept, the store has all alerts.
LARGEST = 10 * 2**20


class ConsoleChannel:
    """Writes each alert's body to `stream`, and appends it to `path` where that is given.

    A file of LARGEST bytes becomes `path` with `.1` behind it, in the place of the one before.

    The body is cleaned once more, so that no byte of an article reaches a terminal as a command.
    """

    def __init__(self, stream: TextIO, *, path: Path | None) -> None:
        self._stream = stream
        self._path = path

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Write `alert`; raises DeliveryError, to be tried again, where the stream or the file cannot be written."""
        del recipient, now
        body = text.clean(alert.body).rstrip("\n") + "\n\n"
        try:
            await asyncio.to_thread(self._write, body)
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise DeliveryError(f"console: {error}") from error
        return Receipt("written")

    def _write(self, body: str) -> None:
        # The file first: where it is full, the terminal does not show an alert that comes again.
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):  # then it goes on growing
                if self._path.stat().st_size >= LARGEST:
                    self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            with self._path.open("a", encoding="utf-8") as file:
                file.write(body)
        coding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(body.encode(coding, "replace").decode(coding, "replace"))
        self._stream.flush()
