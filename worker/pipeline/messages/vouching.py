"""Who vouches for the figures of a story, as data and in words: who said what first, and who says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worker import text
from worker.model import Claim, Field, Flow, Story, StoryFlow
from worker.pipeline.messages import figures
from worker.pipeline.messages.phrases import Phrases

_NAME, _HOUSES, _SHOWN = 60, 4, 6
# Small numbers are written out; the rest stand as figures.
_COUNTS = {
    "fr": ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
}


def fields_record(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Return the fields of a flow JSON-ready: each value with its independent houses and who said it first."""
    return [
        {"name": one.name, "disputed": one.disputed, "claims": [_claim_record(claim) for claim in one.claims]}
        for one in fields
    ]


def _claim_record(claim: Claim) -> dict[str, Any]:
    value = claim.value
    return {
        "value": int(value) if isinstance(value, float) and value.is_integer() else value,
        "currency": claim.currency,
        "bound": claim.bound.value,
        "confirmations": len(claim.houses),
        "houses": [text.one_line(house, _NAME) for house in claim.houses[:20]],
        "first": {"source": text.one_line(claim.source, _NAME), "at": claim.at.isoformat().replace("+00:00", "Z")},
    }


def disputes(story: Story | None, phrase: Phrases) -> tuple[str, ...]:
    """Return a line for each field on which the press does not agree: "30 Md$ selon trois titres, 38 Md$ selon un"."""
    found = [line(held, one, phrase) for held in (story.flows if story else ()) for one in held.fields if one.disputed]
    return tuple(found[:_SHOWN])


def line(held: StoryFlow, of: Field, phrase: Phrases) -> str:
    """Return who says what of one field of a flow."""
    said = [_said(claim, of.name, held.flow, phrase) for claim in of.claims if claim.houses]
    parties = f"{figures.parties(held.flow, phrase)}, {phrase(f'field.{of.name}')}"
    return f"{parties}{phrase('colon')}{', '.join(said)}"


def _said(claim: Claim, name: str, flow: Flow, phrase: Phrases) -> str:
    names = [text.one_line(house, _NAME) for house in claim.houses[:_HOUSES]]
    more = len(claim.houses) - len(names)
    whole = ", ".join(names) + (f" + {more}" if more else "")
    count = len(claim.houses)
    words = _COUNTS[phrase.language]
    key = "dispute.one" if count == 1 else "dispute.many"
    return phrase(
        key,
        figure=_figure(claim, name, flow, phrase),
        count=words[count - 1] if count <= len(words) else count,
        houses=whole,
    )


def _figure(claim: Claim, name: str, flow: Flow, phrase: Phrases) -> str:
    if isinstance(claim.value, str):
        return phrase(f"status.{claim.value}")
    alone = {name: claim.value, "currency": claim.currency, "bound": claim.bound}
    if name == "amount":
        shown = Flow(None, None, flow.kind, **alone)  # type: ignore[arg-type]
    else:
        shown = Flow(None, None, flow.kind, **{name: claim.value}, bound=claim.bound)  # type: ignore[arg-type]
    return next(iter(figures.sizes(shown, phrase)), str(claim.value))
