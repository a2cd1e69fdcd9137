"""What changed since the last alert of a story, in words: the news itself, and what it is news of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.model import AlertType, Bound, Change, ChangeKind, Draft, Flow, Loop, Status
from worker.pipeline.messages import circles, figures
from worker.pipeline.messages.phrases import Phrases

_SHOWN = 8
_SIZES = (("amount", "currency", "bound"), ("megawatts",), ("chips",), ("years",))


@dataclass(frozen=True, slots=True)
class Line:
    """One change. `label` names it, `before` and `after` are its two sides where it has them, `subject` is what it is
    about; `text` is all of it on one line."""

    label: str
    before: str
    after: str
    subject: str
    text: str


def lines(draft: Draft, lead: Flow | None, phrase: Phrases) -> tuple[Line, ...]:
    """Return the changes of a draft that its head, which tells of `lead`, does not say already."""
    anew = circles.is_closed_anew(draft)
    told = draft.type is AlertType.LOOP
    found = [
        line(change, phrase, anew=anew) for change in draft.changes[:_SHOWN] if not _is_said(change, lead, told=told)
    ]
    found += [_looped("change.loop_broken", loop, phrase) for loop in circles.broken(draft)]
    return tuple(found)


def line(change: Change, phrase: Phrases, *, anew: bool = True) -> Line:
    """Return one change in words; `anew` says that a loop closed just now."""
    if change.loop is not None and change.before:
        return _revised(change, change.loop, phrase)
    if change.loop is not None:
        return _looped("change.loop_closed" if anew else "change.loop_revised", change.loop, phrase)
    if change.flow is None:
        label = phrase(f"change.{change.kind.value}")
        return Line(label, "", "", "", label)
    if change.kind in (ChangeKind.NEW_STORY, ChangeKind.NEW_FLOW, ChangeKind.NEW_PARTY, ChangeKind.CANCELLED):
        return _plain(phrase(f"change.{change.kind.value}"), figures.line(change.flow, phrase, status=False), phrase)
    before, after = _differing(change)
    label = _label(change, before, after, phrase)
    sides = _state(before, change.flow, phrase), _state(after, change.flow, phrase)
    about = f"{figures.parties(change.flow, phrase)}, {phrase(f'kind.{change.flow.kind.value}')}"
    step = " → ".join(filter(None, sides))
    if not step:
        return _plain(label, about, phrase)
    return Line(label, *sides, about, f"{label}{phrase('colon')}{step} ({about})")


def _plain(label: str, about: str, phrase: Phrases) -> Line:
    return Line(label, "", "", about, f"{label}{phrase('colon')}{about}")


def _looped(key: str, loop: Loop, phrase: Phrases) -> Line:
    names = [figures.name_of(edge.payer, phrase) for edge in loop.edges]
    return _plain(phrase(key), " → ".join([*names, *names[:1]]), phrase)


def _revised(change: Change, loop: Loop, phrase: Phrases) -> Line:
    """Return what a loop's edge was, and is, where the loop was told before."""
    edge = loop.edges[min(int(change.before.get("edge", 0)), len(loop.edges) - 1)]
    flow = Flow(edge.payer, edge.payee, edge.kind)
    before, after = _differing(change)
    if before.get("status") == after.get("status"):
        before, after = ({**side, "status": None} for side in (before, after))
    sides = _state(before, flow, phrase), _state(after, flow, phrase)
    about = f"{figures.parties(flow, phrase)}, {phrase(f'kind.{edge.kind.value}')}"
    step = " → ".join(filter(None, sides))
    return Line(
        phrase("change.loop_revised"),
        *sides,
        about,
        f"{phrase('change.loop_revised')}{phrase('colon')}{step} ({about})",
    )


def _is_said(change: Change, lead: Flow | None, *, told: bool) -> bool:
    if change.kind is ChangeKind.CANCELLED:
        return change.flow is not None and lead is not None and change.flow.key == lead.key
    return change.kind is ChangeKind.NEW_STORY or (told and change.kind is ChangeKind.LOOP_CLOSED and not change.before)


def _label(change: Change, before: Mapping[str, Any], after: Mapping[str, Any], phrase: Phrases) -> str:
    """Return what to call a change of terms: a first figure is not a revision, nor is a capacity an amount."""
    if change.kind is ChangeKind.STATUS or "status" in change.after:
        step = f"change.status.{change.before.get('status')}.{change.after.get('status')}"
        return phrase.first(step, "change.status")
    if change.kind is ChangeKind.EXTENDED:
        return phrase("change.extended")
    size = "amount" if "amount" in before or "amount" in after else "capacity"
    first = all(before.get(name) is None for name in ("amount", "megawatts", "chips", "years"))
    return phrase(f"change.first_{size}" if first and after else f"change.{size}")


def _differing(change: Change) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return `before` and `after` without a size that is the same on both sides, where another is not."""
    both = change.before, change.after
    same = [names for names in _SIZES if all(both[0].get(name) == both[1].get(name) for name in names)]
    if len(same) == len(_SIZES):
        return both
    dropped = {name for names in same for name in names}
    if both[0].get("amount") is None and both[1].get("amount") is None:
        # Without an amount the bound is that of the capacity.
        dropped = (dropped | {"amount", "currency"}) - {"bound"}
    before, after = ({name: value for name, value in side.items() if name not in dropped} for side in both)
    return before, after


def _state(values: Mapping[str, Any], flow: Flow, phrase: Phrases) -> str:
    """Return one side of a change in words; "" where it holds nothing that can be shown."""

    def number(name: str) -> float | None:
        value = values.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    currency = values.get("currency")
    shown = Flow(
        flow.payer, flow.payee, flow.kind, number("amount"), currency if isinstance(currency, str) else flow.currency,
        number("megawatts"), number("chips"), number("years"), _bound(values.get("bound")),
    )  # fmt: skip
    found = list(figures.sizes(shown, phrase))
    status = values.get("status")
    if status in list(Status):
        found.append(phrase(f"status.{status}"))
    return " · ".join(found)


def _bound(value: Any) -> Bound:
    return Bound(value) if value in list(Bound) else Bound.EXACT
