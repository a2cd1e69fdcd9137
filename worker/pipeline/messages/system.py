"""What gigawatch says of itself: a notice of a title and some lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from worker import text
from worker.model import AlertType, Draft, Recipient, Rule

RULE = "system"
_SUBJECT = 180


def draft(*, lines: Sequence[str], recipient: Recipient, now: datetime, key: str, why: str) -> Draft:
    """Return the draft of a notice; `key` says what it is about, so that the same is told to nobody twice."""
    return Draft(
        id=text.digest("system", key, recipient.id),
        type=AlertType.SYSTEM,
        rule=Rule(RULE, (recipient.id,)),
        recipient=recipient,
        why=(why,),
        created_at=now,
        message="\n".join(lines),
    )


def subject(title: str) -> str:
    """Return the subject of a notice."""
    return text.one_line(title, _SUBJECT)
