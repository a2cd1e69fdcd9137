"""Who vouches for the figures of a story, on the screen."""

from __future__ import annotations

from collections.abc import Iterator

from worker.cli import screen
from worker.cli.phrases import phrase
from worker.model import Bound, Claim, Field, StoryFlow

_HOUSES = 6


def rows(held: StoryFlow) -> Iterator[tuple[str, str]]:
    """Yield a name and a text for each field of a flow: its values, how many independent houses stand by each, who they
    are, and who said it first."""
    for one in held.fields:
        said = [_said(claim, one) for claim in one.claims]
        mark = f" ≠ {phrase('field.disputed')}" if one.disputed else ""
        yield f"  {phrase('field.' + one.name)}", "; ".join(said) + mark


def _said(claim: Claim, of: Field) -> str:
    names = ", ".join(claim.houses[:_HOUSES]) + (" …" if len(claim.houses) > _HOUSES else "")
    count = len(claim.houses)
    told = phrase("field.house" if count == 1 else "field.houses", count=count)
    first = phrase("field.first", source=claim.source, time=screen.when(claim.at))
    return f"{_figure(claim, of.name)}: {told}" + (f" ({names})" if names else "") + f", {first}"


def _figure(claim: Claim, name: str) -> str:
    if isinstance(claim.value, str):
        return phrase(f"status.{claim.value}")
    bound = "" if claim.bound is Bound.EXACT else phrase(f"bound.{claim.bound.value}") + " "
    if name == "amount":
        return bound + screen.money(claim.value, claim.currency)
    units = {"megawatts": "MW", "chips": phrase("unit.chips"), "years": phrase("unit.years")}
    return bound + screen.number(claim.value, units[name])
