"""What one article said, kept by its story in short. Packed into one text, for every candidate is loaded with all of
its accounts, and few are ever read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from worker.model import Bound, Flow, Kind, Status


@dataclass(frozen=True, slots=True)
class Account:
    """What one article said: its flows without their proof, the words that its subject is known by, which of the flows
    (by place) its headline passes over, whether it calls them a further contract, and whether it says that terms were
    revised."""

    article_id: str
    flows: tuple[Flow, ...]
    words: tuple[str, ...] = ()
    asides: tuple[int, ...] = ()
    further: bool = False
    revised: bool = False


def pack(account: Account) -> str:
    """Return an account as one text: JSON without names of fields."""
    flows = [
        [
            flow.payer, flow.payee, flow.kind.value, flow.amount, flow.currency, flow.megawatts, flow.chips, flow.years,
            flow.bound.value, flow.status.value,
        ]
        for flow in account.flows
    ]  # fmt: skip
    parts = [
        account.article_id, flows, " ".join(account.words), list(account.asides), int(account.further),
        int(account.revised),
    ]  # fmt: skip
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def unpack(packed: str) -> Account:
    """Return the account that `pack` wrote."""
    article_id, flows, words, asides, further, revised = json.loads(packed)
    return Account(
        article_id,
        tuple(_flow(*one) for one in flows),
        tuple(words.split()),
        tuple(asides),
        bool(further),
        bool(revised),
    )


def _flow(payer: str | None, payee: str | None, kind: str, *terms: Any) -> Flow:
    amount, currency, megawatts, chips, years, bound, status = terms
    return Flow(
        payer, payee, Kind(kind), amount, currency, megawatts, chips, years, bound=Bound(bound), status=Status(status)
    )
