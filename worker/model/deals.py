"""Deals as an article tells them: flows with their proof, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What moves from payer to payee."""

    COMPUTE = "compute"
    CHIPS = "chips"
    EQUITY = "equity"
    DEBT = "debt"
    SITE = "site"
    POWER = "power"
    ACQUISITION = "acquisition"
    PARTNERSHIP = "partnership"


class Status(StrEnum):
    """How firm a flow is."""

    ANNOUNCED = "announced"
    REPORTED = "reported"
    OPTION = "option"
    CANCELLED = "cancelled"


class Bound(StrEnum):
    """How the amount (or the capacity, where there is no amount) is limited."""

    EXACT = "exact"
    ABOUT = "about"
    UP_TO = "up_to"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of one part of an article: "title", "summary" or "text"."""

    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves one field of a flow: the words themselves (`span`) and the sentence around them.

    `field` is a field of Flow ("payer", "payee", "kind", "amount", "megawatts", "chips", "years", "status", "bound").
    """

    field: str
    span: Span
    quote: str
    sentence: str
    sentence_span: Span


@dataclass(frozen=True, slots=True)
class Flow:
    """One directed movement of value, payer to payee. Fields as in the README's table of flows."""

    payer: str | None
    payee: str | None
    kind: Kind
    amount: float | None = None
    currency: str | None = None
    megawatts: float | None = None
    chips: float | None = None
    years: float | None = None
    bound: Bound = Bound.EXACT
    status: Status = Status.ANNOUNCED
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, bool]:
        """(payer, payee, kind, is an option); a partnership has no direction, so its parties are sorted."""
        payer, payee = self.payer or "", self.payee or ""
        if self.kind is Kind.PARTNERSHIP and payee < payer:
            payer, payee = payee, payer
        return payer, payee, self.kind.value, self.status is Status.OPTION

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(name for name in (self.payer, self.payee) if name)


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a verdict. `weight` is its part in the score's log-odds, positive for, negative against."""

    code: str
    weight: float
    detail: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the detector says of one article. `score` is a probability, 0 to 1."""

    deal: bool
    score: float
    flows: tuple[Flow, ...] = ()
    reasons: tuple[Reason, ...] = ()
