"""What moves, and which way: by the words for the object, then by the trades of the two parties."""

from __future__ import annotations

from collections.abc import Mapping

from worker.model import Kind
from worker.pipeline.detection.entities import OrgType

# Who sells to whom: of two parties the one with the higher place is paid. Labs, states and ordinary firms buy
# computing; clouds rent from neoclouds and data centres; everybody buys chips and electricity; funds and banks only
# pay.
_PLACES: Mapping[OrgType, float] = {
    OrgType.FUND: 0, OrgType.BANK: 0, OrgType.STATE: 1, OrgType.MEDIA: 1, OrgType.OTHER: 1.5, OrgType.SOFTWARE: 1.6,
    OrgType.LAB: 2, OrgType.UNKNOWN: 3, OrgType.TELECOM: 4, OrgType.CLOUD: 4.5, OrgType.NEOCLOUD: 5.5,
    OrgType.DATACENTER: 6, OrgType.SYSTEMS: 7, OrgType.CHIPS: 8, OrgType.ENERGY: 9,
}  # fmt: skip
FINANCIERS = frozenset((OrgType.FUND, OrgType.BANK))
_MONEY_KINDS = frozenset((Kind.EQUITY, Kind.DEBT, Kind.ACQUISITION))


def pays(subject: OrgType, other: OrgType) -> bool:
    """Whether the first of two parties is the payer where the words leave it open; the subject, where trades agree."""
    return _PLACES[subject] <= _PLACES[other]


def distance(payer: OrgType, payee: OrgType) -> float:
    """Return how plainly the second trade sells to the first, -1 to 1."""
    return max(-1.0, min(1.0, gap(payer, payee) / 3.0))


def gap(payer: OrgType, payee: OrgType) -> float:
    """Return how far apart two trades stand in the order of who sells to whom, positive where the payee sells."""
    return _PLACES[payee] - _PLACES[payer]


def inverted(payer: OrgType, payee: OrgType) -> bool:
    """Whether trades make it plain that the second party sells such things to the first's trade, not the other way."""
    return OrgType.UNKNOWN not in (payer, payee) and _PLACES[payer] - _PLACES[payee] >= 2.5


def kind_of(fixed: Kind | None, payer: OrgType, payee: OrgType, objects: Mapping[str, float]) -> Kind:
    """Return the kind of a flow between these trades, `objects` being the weight of each kind's words nearby."""
    if fixed is not None and (fixed in _MONEY_KINDS or fixed is Kind.SITE):
        return fixed
    if payer in FINANCIERS and payee not in FINANCIERS:
        return (
            Kind.DEBT
            if objects.get("debt", 0) >= objects.get("equity", 0) and payer is OrgType.BANK
            else (Kind.DEBT if objects.get("debt", 0) > objects.get("equity", 0) else Kind.EQUITY)
        )
    best = _by_trade(payee, objects)
    if best is not None:
        return best
    ranked = sorted(
        (
            (objects.get(name, 0.0), -place, Kind(name))
            for place, name in enumerate(("chips", "power", "compute", "site"))
        ),
        reverse=True,
    )
    return ranked[0][2] if ranked[0][0] > 0 else Kind.COMPUTE


def ranked(
    fixed: Kind | None, payer: OrgType, payee: OrgType, objects: Mapping[str, float]
) -> list[tuple[Kind, float]]:
    """Return the kinds that a flow may be of, each with its share of the words' weight; the likeliest first with 1."""
    first = kind_of(fixed, payer, payee, objects)
    found = [(first, 1.0)]
    named = _NEIGHBOURS[first] if fixed is not None else tuple(Kind(name) for name in objects)
    most = max((objects.get(kind.value, 0.0) for kind in (first, *named)), default=0.0)
    for kind in named:
        share = 0.6 * objects.get(kind.value, 0.0) / most if most else 0.0
        if kind is not first and share >= 0.15 and _possible(kind, payer):
            found.append((kind, share))
    return found


def _possible(kind: Kind, payer: OrgType) -> bool:
    return not (payer in FINANCIERS and kind in (Kind.COMPUTE, Kind.CHIPS, Kind.POWER))


# What a word for one kind may mean besides, if the objects speak for it.
_NEIGHBOURS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.EQUITY: (Kind.SITE, Kind.DEBT),
    Kind.ACQUISITION: (Kind.EQUITY, Kind.SITE, Kind.COMPUTE, Kind.CHIPS, Kind.POWER),
    Kind.DEBT: (Kind.EQUITY,),
    Kind.SITE: (Kind.COMPUTE, Kind.POWER),
    Kind.COMPUTE: (), Kind.CHIPS: (), Kind.POWER: (), Kind.PARTNERSHIP: (),
}  # fmt: skip


def _by_trade(payee: OrgType, objects: Mapping[str, float]) -> Kind | None:
    if payee is OrgType.ENERGY:
        return Kind.SITE if objects.get("site", 0) > 2 * objects.get("power", 0) + 1 else Kind.POWER
    if payee in (OrgType.CHIPS, OrgType.SYSTEMS):
        return Kind.CHIPS
    if payee in (OrgType.CLOUD, OrgType.NEOCLOUD, OrgType.TELECOM):
        return (
            Kind.SITE
            if objects.get("site", 0) > 3 * (objects.get("compute", 0) + objects.get("chips", 0)) + 2
            else (Kind.COMPUTE)
        )
    if payee is OrgType.DATACENTER:
        computing = objects.get("compute", 0) + objects.get("chips", 0) + objects.get("power", 0) / 2
        return Kind.SITE if objects.get("site", 0) > computing + 1 else Kind.COMPUTE
    return None
