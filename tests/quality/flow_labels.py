"""Flows of labels and of the detector under one key, so that training can compare them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from worker.model import Kind
from worker.pipeline import scoring
from worker.pipeline.detection import roles
from worker.pipeline.detection.flows import Gathered

FlowKey = tuple[str, str, str, bool]


def wanted_flows(row: dict[str, Any]) -> set[FlowKey]:
    """Return the keys of a labelled article's flows; an option is its own."""
    return {_key(f["payer"], f["payee"], f["kind"], f["status"] == "option") for f in row["flows"]}


def statuses(row: dict[str, Any]) -> dict[FlowKey, str]:
    """Return the status of each of a labelled article's flows."""
    return {_key(f["payer"], f["payee"], f["kind"], f["status"] == "option"): f["status"] for f in row["flows"]}


def sizes(row: dict[str, Any]) -> dict[FlowKey, dict[str, Any]]:
    """Return each of a labelled article's flows by its key."""
    return {_key(f["payer"], f["payee"], f["kind"], f["status"] == "option"): f for f in row["flows"]}


def roles_of(name: str, wanted: Iterable[tuple[str, str, str]]) -> set[str]:
    """Return the roles that labelled flows (payer, payee, kind) give to a name; none to one that folds to nothing, as
    the unnamed do."""
    found: set[str] = set()
    for payer, payee, kind in wanted if name else ():
        sides = [side for side, party in ((roles.PAYER, payer), (roles.PAYEE, payee)) if party == name]
        if kind == Kind.PARTNERSHIP and sides:
            # Partners have no sides.
            found.update(f"{side} {kind}" for side in roles.SIDES)
        else:
            found.update(f"{side} {kind}" for side in sides)
            found.update(sides)
    return found


def key_of(one: Gathered, names: Mapping[str, str]) -> FlowKey:
    """Return the key of a gathered flow. names: what the article calls its parties, as in `Explanation.names`."""
    payer, payee = (names.get(name, name) for name in (one.payer, one.payee))
    return _key(payer, payee, one.kind.value, one.option)


def _key(payer: str | None, payee: str | None, kind: str, option: bool) -> FlowKey:
    first, second = scoring.fold_name(payer) or "", scoring.fold_name(payee) or ""
    if kind == "partnership":
        first, second = sorted((first, second))
    return first, second, kind, option
