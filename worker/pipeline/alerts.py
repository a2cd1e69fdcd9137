"""Who is told of which change, and when a delivery is tried again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from worker import text
from worker.errors import DeliveryError
from worker.model import (
    AlertType,
    Change,
    ChangeKind,
    ChannelKind,
    Draft,
    Flow,
    Kind,
    Recipient,
    Rule,
    Status,
    Story,
)

_MINUTE, _HOUR = 60.0, 3600.0

# Delay after the n-th attempt. Webhooks: the ten attempts over some three days that Standard Webhooks advises.
# Mail: the relay is ours, so a day is enough; RFC 5321 4.5.4.1 asks for two tries in the first hour.
_WEBHOOK_S = (
    5.0, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
_MAIL_FIRST_S = (1 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 60 * _MINUTE)
_MAIL_TOTAL_S = 24 * _HOUR
_JITTER = 0.2
# A delay that a receiver asks for is at least what Svix waits after a 429, and at most a day.
_LEAST_ASKED_S, _MOST_ASKED_S = 60.0, 24 * _HOUR


def select(
    changes: Sequence[Change],
    story: Story,
    *,
    rules: Sequence[Rule],
    recipients: Mapping[str, Recipient],
    rates: Mapping[str, float],
    now: datetime,
) -> tuple[Draft, ...]:
    """Return one draft for each recipient that a rule wants told of `changes`; none without changes.

    A rule matches when one flow of the story (one that changed, where flows changed) meets all its conditions at once.
    The first matching rule names the draft; `why` has a line for each in the recipient's language. `rates` are USD per
    unit of a currency. The same changes give the same ids in whatever order and at whatever time.
    """
    if not changes:
        return ()
    matching: dict[str, list[Rule]] = {}
    for rule in rules:
        if _matches(rule, changes, story, rates):
            for name in rule.recipients:
                if name in recipients:
                    matching.setdefault(name, []).append(rule)
    kind = _type(changes)
    return tuple(
        _draft(kind, changes, story, rules=found, recipient=recipients[name], now=now)
        for name, found in matching.items()
    )


def _draft(
    kind: AlertType,
    changes: Sequence[Change],
    story: Story,
    *,
    rules: Sequence[Rule],
    recipient: Recipient,
    now: datetime,
) -> Draft:
    first = rules[0]
    return Draft(
        id=text.digest("alert", story.id, _identity(changes), first.id, recipient.channel.value, recipient.id),
        type=kind,
        rule=first,
        recipient=recipient,
        why=tuple(dict.fromkeys(_why(rule, recipient.language) for rule in rules)),
        created_at=now,
        story=story,
        changes=tuple(changes),
    )


def _type(changes: Sequence[Change]) -> AlertType:
    kinds = {change.kind for change in changes}
    if ChangeKind.NEW_STORY in kinds:
        return AlertType.DETECTED
    if ChangeKind.CANCELLED in kinds:
        return AlertType.CANCELLED
    return AlertType.LOOP if kinds == {ChangeKind.LOOP_CLOSED} else AlertType.UPDATED


def _identity(changes: Sequence[Change]) -> str:
    """Return what the changes say, whatever their order: kind, flow, version, values reached, loop."""
    lines = [
        json.dumps(
            [
                change.kind.value,
                list(change.flow.key) if change.flow else None,
                # A deal that is given up, taken up and given up again changes each time: the version tells them apart.
                change.version,
                change.after,
                change.loop.id if change.loop else None,
            ],
            sort_keys=True,
            ensure_ascii=True,
            default=str,
        )
        for change in changes
    ]
    return "\n".join(sorted(lines))


def _matches(rule: Rule, changes: Sequence[Change], story: Story, rates: Mapping[str, float]) -> bool:
    closing = [change.loop for change in changes if change.loop is not None]
    circular = bool(closing or story.loops)
    if rule.loop is not None and rule.loop is not circular:
        return False
    return any(_meets(rule, flow, story, rates) for flow in _flows(changes, story))


def _flows(changes: Sequence[Change], story: Story) -> tuple[Flow, ...]:
    """Return the flows that the changes are about; all of the story's where it is new or only a loop closed."""
    named = tuple(change.flow for change in changes if change.flow is not None)
    whole = any(change.kind in (ChangeKind.NEW_STORY, ChangeKind.LOOP_CLOSED) for change in changes)
    held = tuple(one.flow for one in story.flows)
    return tuple(dict.fromkeys((*named, *held))) if whole or not named else named


def _meets(rule: Rule, flow: Flow, story: Story, rates: Mapping[str, float]) -> bool:
    return (
        (not rule.companies or _among(rule.companies, story.parties))
        and (not rule.payer or _among(rule.payer, _sides(flow, flow.payer)))
        and (not rule.payee or _among(rule.payee, _sides(flow, flow.payee)))
        and (not rule.kinds or flow.kind in rule.kinds)
        and (not rule.statuses or flow.status in rule.statuses)
        and (rule.min_amount is None or _reaches(flow, rule.min_amount, rule.currency, rates))
        and (rule.min_megawatts is None or (flow.megawatts or 0.0) >= rule.min_megawatts)
    )


def _sides(flow: Flow, name: str | None) -> tuple[str, ...]:
    # A partnership has no direction: either party stands on either side.
    if flow.kind is Kind.PARTNERSHIP:
        return flow.parties
    return (name,) if name else ()


def _among(wanted: Sequence[str], names: Sequence[str]) -> bool:
    return bool({text.fold(name) for name in wanted} & {text.fold(name) for name in names})


def _reaches(flow: Flow, least: float, currency: str, rates: Mapping[str, float]) -> bool:
    """True where the amount is at least `least`; a currency without a rate cannot be compared and does not match."""
    if flow.amount is None:
        return False
    if flow.currency == currency:
        return flow.amount >= least
    own, wanted = rates.get(flow.currency or ""), rates.get(currency)
    return own is not None and wanted is not None and flow.amount * own >= least * wanted


def next_attempt(
    channel: ChannelKind,
    *,
    attempts: int,
    error: DeliveryError,
    now: datetime,
    jitter: float,
    factor: float = 1.0,
) -> datetime | None:
    """Return when to try again after `attempts` attempts, the failed one included; None to give up.

    `jitter` is in -1 to 1 and moves the time by up to 20 %; `factor` scales every planned delay. A receiver that asks
    for a delay gets that and up to a fifth more, at least a minute, never less than planned, and `factor` leaves it as
    it is: its clock is not ours to speed up.
    """
    if error.permanent or error.disable:
        return None
    planned = _planned_s(channel, max(1, attempts))
    if planned is None:
        return None
    jitter = max(-1.0, min(1.0, jitter))
    delay = planned * (1 + _JITTER * jitter) * factor
    if error.retry_after is not None:
        # Only ever later: an alert refused together with many others must not come back together with them.
        asked = min(max(error.retry_after, _LEAST_ASKED_S), _MOST_ASKED_S)
        delay = max(delay, asked * (1 + _JITTER * (1 + jitter) / 2))
    return now + timedelta(seconds=delay)


def _planned_s(channel: ChannelKind, attempts: int) -> float | None:
    if channel is ChannelKind.WEBHOOK:
        return _WEBHOOK_S[attempts - 1] if attempts <= len(_WEBHOOK_S) else None
    if attempts <= len(_MAIL_FIRST_S):
        return _MAIL_FIRST_S[attempts - 1]
    spent = sum(_MAIL_FIRST_S) + (attempts - len(_MAIL_FIRST_S)) * _HOUR
    return _HOUR if spent <= _MAIL_TOTAL_S else None


# What a reader is told of a rule's conditions. French, English.
_WORDS: Mapping[str, tuple[str, str]] = {
    "rule": ("règle « {id} » : {conditions}", "rule “{id}”: {conditions}"),
    "all": ("tous les contrats", "every deal"),
    "companies": ("société {value}", "company {value}"),
    "payer": ("payeur {value}", "payer {value}"),
    "payee": ("bénéficiaire {value}", "payee {value}"),
    "kinds": ("nature {value}", "kind {value}"),
    "statuses": ("statut {value}", "status {value}"),
    "amount": ("montant ≥ {value}", "amount ≥ {value}"),
    "megawatts": ("puissance ≥ {value} MW", "capacity ≥ {value} MW"),
    "loop": ("boucle financière", "loop of money"),
    "no_loop": ("hors boucle financière", "no loop of money"),
    "or": (" ou ", " or "),
}
_KINDS: Mapping[Kind, str] = {
    Kind.COMPUTE: "calcul",
    Kind.CHIPS: "puces",
    Kind.EQUITY: "capital",
    Kind.DEBT: "dette",
    Kind.SITE: "site",
    Kind.POWER: "électricité",
    Kind.ACQUISITION: "rachat",
    Kind.PARTNERSHIP: "partenariat",
}
_STATUSES: Mapping[Status, str] = {
    Status.ANNOUNCED: "annoncé",
    Status.REPORTED: "selon la presse",
    Status.OPTION: "option",
    Status.CANCELLED: "abandonné",
}
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def _why(rule: Rule, language: str) -> str:
    place = 1 if language.startswith("en") else 0
    return _WORDS["rule"][place].format(id=rule.id, conditions=conditions(rule, language))


def conditions(rule: Rule, language: str) -> str:
    """Return what a rule asks for, in words of `language` ("fr" or "en")."""
    place = 1 if language.startswith("en") else 0
    english = place == 1

    def say(key: str, value: str = "") -> str:
        return _WORDS[key][place].format(value=value)

    def listed(key: str, values: Sequence[str]) -> list[str]:
        return [say(key, _WORDS["or"][place].join(values))] if values else []

    said = [
        *listed("companies", rule.companies),
        *listed("payer", rule.payer),
        *listed("payee", rule.payee),
        *listed("kinds", [kind.value if english else _KINDS[kind] for kind in rule.kinds]),
        *listed("statuses", [one.value if english else _STATUSES[one] for one in rule.statuses]),
    ]
    if rule.min_amount is not None:
        said.append(say("amount", _money(rule.min_amount, rule.currency, english=english)))
    if rule.min_megawatts is not None:
        said.append(say("megawatts", _number(rule.min_megawatts, english=english)))
    if rule.loop is not None:
        said.append(say("loop" if rule.loop else "no_loop"))
    return ", ".join(said) or say("all")


def _money(amount: float, currency: str, *, english: bool) -> str:
    scale, french_unit, english_unit = next(
        ((scale, french, short) for scale, french, short in ((1e9, "Md", "bn"), (1e6, "M", "m")) if amount >= scale),
        (1.0, "", ""),
    )
    figure = _number(amount / scale, english=english)
    sign = _SIGNS.get(currency)
    if english:
        return f"{sign}{figure}{english_unit}" if sign else f"{currency} {figure}{english_unit}"
    unit = french_unit + sign if sign else f"{french_unit} {currency}".strip()
    return f"{figure} {unit}"


def _number(value: float, *, english: bool) -> str:
    written = f"{value:,.2f}".rstrip("0").rstrip(".")
    return written if english else written.replace(",", " ").replace(".", ",")
