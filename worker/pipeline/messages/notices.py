"""Service notices: what is wrong with gigawatch itself, since when, why and what to do; and that it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from worker import text
from worker.model import Draft
from worker.pipeline.messages import records
from worker.pipeline.messages.phrases import Phrases

_LINES, _LABEL, _TEXT, _TITLE = 40, 60, 1_000, 160  # lines, characters
# Labels that are known by a word; any other label stands as it is given.
LABELS = ("what", "since", "cause", "advice", "until")

Line = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """One service notice, worded. `lines` are pairs of a label, "" for none, and what stands behind it."""

    title: str
    lines: tuple[tuple[str, str], ...]
    healed: bool
    badge: str
    subject: str
    why: str

    def worded(self, colon: str) -> tuple[str, ...]:
        """Return the lines as plain text, with the colon of a language."""
        return tuple(f"{label}{colon}{said}" if label else said for label, said in self.lines)


def notice(title: str, lines: Sequence[Line], phrase: Phrases, *, healed: bool) -> Notice:
    """Return a notice in the words of `phrase`. A line is a text, or a pair of a label (one of `LABELS`, put into
    words here, or any other as it is) and a text."""
    shown = text.one_line(title, _TITLE) or phrase("subject.system")
    badge = phrase("badge.healed" if healed else "badge.system")
    return Notice(
        title=shown,
        lines=tuple(pair for pair in (_pair(line, phrase) for line in lines[:_LINES]) if pair[1]),
        healed=healed,
        badge=badge,
        subject=text.one_line(f"{badge}{phrase('colon')}{shown}", 180),
        why=phrase("why.system"),
    )


def _pair(line: Line, phrase: Phrases) -> tuple[str, str]:
    label, said = ("", line) if isinstance(line, str) else line
    known = phrase(f"notice.{label}") if label in LABELS else text.one_line(label, _LABEL)
    return known, text.one_line(said, _TEXT)


def of_draft(draft: Draft, phrase: Phrases) -> Notice:
    """Return the notice of a draft that has only a message: its first line is the title."""
    title, *rest = text.clean(draft.message).splitlines() or [""]
    return notice(title, [line for line in rest if line.strip()], phrase, healed=False)


def record(shown: Notice, alert_id: str, *, key: str, colon: str) -> dict[str, Any]:
    """Return the `data` of a notice."""
    data = {
        "schema": records.SCHEMA,
        "id": alert_id,
        "key": text.one_line(key, _TITLE) or alert_id,
        "state": "cleared" if shown.healed else "raised",
        "title": shown.title,
        "lines": [text.one_line(line) for line in shown.worded(colon)],
    }
    return records.fitted(data, (records.halve("lines"),))
