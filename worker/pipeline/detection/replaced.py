"""What comes instead of a deal that is called off: "X quitte Y pour Z".

Theory: one client rents of one provider, and what weighs flows has learnt that the second of two is seldom true. Where
the first is given up, its successor is as likely as any, and the press says it in a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.model import Status
from worker.pipeline.detection.document import Document
from worker.pipeline.detection.firmness import Firmness
from worker.pipeline.detection.flows import Gathered
from worker.pipeline.detection.frames import OUTRIGHT
from worker.pipeline.detection.weighing import Reading

# The part of the usual threshold that a successor must weigh.
_HALF = 0.5


def successors(
    document: Document,
    weighed: Sequence[Gathered],
    kept: Sequence[Gathered],
    reading: Reading,
    firmness: Firmness,
    threshold: float,
) -> list[Gathered]:
    """Return the surest flow, not kept, that a sentence of its own says in place of a kept one that is called off.

    threshold: what a flow must weigh otherwise.
    """
    free = [one for one in weighed if one not in kept and one.weight >= _HALF * threshold]
    if not free:
        return []
    ended = [one for one in kept if firmness.status_of(document, one, reading) is Status.CANCELLED]
    return [one for one in free if any(_succeeds(one, other) for other in ended)][:1]


def _succeeds(one: Gathered, ended: Gathered) -> bool:
    """Whether one party goes on with another partner, in words that do not tell of the end."""
    shares = (one.payer == ended.payer) != (one.payee == ended.payee)
    whole = bool(one.payer and one.payee)
    return whole and shares and one.kind is ended.kind and bool(_sentences(one) - _sentences(ended))


def _sentences(one: Gathered) -> set[int]:
    return {said.sentence.number for said in one.said if said.how in OUTRIGHT}
