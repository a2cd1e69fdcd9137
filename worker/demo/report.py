"""Expected against arrived: what the demo's alerts say of the planted deals, of the look-alikes and of the loop."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from worker.demo.newsroom import Visit
from worker.demo.script import FORBIDDEN, ROBOTS, Planted, Script
from worker.demo.sinks import Hook, Mail, part

MAIL, WEBHOOK = "email", "webhook"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One alert at one receiver, its repeats counted. `pieces` are the articles that it links to, `loops` the paths of
    money that it shows closed."""

    channel: str
    key: str
    type: str
    subject: str
    pieces: tuple[str, ...]
    loops: tuple[str, ...]
    verified: bool
    copies: int = 1
    same_body: bool = True


@dataclass(frozen=True, slots=True)
class StoryOutcome:
    """One planted deal: the alerts that each channel should have had, and had."""

    story: str
    name: str
    expected: tuple[str, ...]
    email: tuple[str, ...]
    webhook: tuple[str, ...]
    loop: bool | None
    ok: bool


@dataclass(frozen=True, slots=True)
class SilentOutcome:
    """One look-alike: the alerts that link to it, which must be none."""

    piece: str
    title: str
    alerts: tuple[str, ...]
    ok: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One further promise, kept or not. `found` is what was seen."""

    name: str
    ok: bool
    found: str


@dataclass(frozen=True, slots=True)
class Report:
    """The end of the demo. `ok` only if every planted deal, look-alike and check is as expected."""

    ok: bool
    seconds: float
    data: str
    mails: str
    hooks: str
    stories: tuple[StoryOutcome, ...]
    silent: tuple[SilentOutcome, ...]
    checks: tuple[Check, ...]
    alerts: tuple[Arrived, ...]
    unexplained: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report JSON-ready."""
        return asdict(self)


def arrivals(script: Script, mails: Sequence[Mail], hooks: Sequence[Hook]) -> tuple[Arrived, ...]:
    """Return each alert once per channel, in order of arrival, with what it links to."""
    found: dict[tuple[str, str], Arrived] = {}
    bodies: dict[tuple[str, str], bytes] = {}
    for one, body in [(_from_mail(script, mail), mail.raw) for mail in mails] + [
        (_from_hook(script, hook), hook.body) for hook in hooks
    ]:
        where = (one.channel, one.key)
        if where not in found:
            found[where], bodies[where] = one, body
            continue
        known = found[where]
        found[where] = replace(
            known,
            copies=known.copies + 1,
            same_body=known.same_body and body == bodies[where],
            verified=known.verified and one.verified,
        )
    return tuple(found.values())


def _linked(script: Script, text: str) -> tuple[str, ...]:
    return tuple(piece.id for piece in script.pieces if piece.path in text)


def _from_mail(script: Script, mail: Mail) -> Arrived:
    text = part(mail.message, "plain") + part(mail.message, "html")
    kind = str(mail.message["X-Gigawatch-Kind"] or "")
    loops = tuple(path for path in map(loop_path, (story.loop for story in script.stories)) if path and path in text)
    return Arrived(MAIL, mail.key, kind, mail.subject, _linked(script, text), loops, verified=True)


def _from_hook(script: Script, hook: Hook) -> Arrived:
    text = json.dumps(hook.content, ensure_ascii=False)
    kind = str(hook.content.get("type", ""))
    return Arrived(WEBHOOK, hook.key, kind, kind, _linked(script, text), loops_of(hook), verified=hook.verified)


def loops_of(hook: Hook) -> tuple[str, ...]:
    """Return the paths of the loops in a webhook body."""
    data = hook.content.get("data")
    loops = data.get("loops", []) if isinstance(data, dict) else []
    return tuple(loop_path([edge["payer"] for edge in loop["edges"]]) for loop in loops)


def loop_path(parties: Sequence[str]) -> str:
    """Return a loop's path as alerts write it, the first party again at the end; "" for no party."""
    return " → ".join([*parties, parties[0]]) if parties else ""


def judge(
    script: Script,
    alerts: Sequence[Arrived],
    visits: Sequence[Visit],
    *,
    seconds: float,
    folders: tuple[str, str, str],
    stopped_clean: bool,
) -> Report:
    """Compare. `folders` are those of data, mails and webhooks."""
    of_story = {piece.id: piece.story for piece in script.pieces}
    stories = tuple(_story(planted, alerts, of_story) for planted in script.stories)
    silent = tuple(_silent(piece.id, piece.title, alerts) for piece in script.pieces if not piece.story)
    unexplained = tuple(
        f"{one.channel}: {one.subject}" for one in alerts if not any(of_story[piece] for piece in one.pieces)
    )
    checks = _checks(script, alerts, visits, stopped_clean)
    verdicts = [*(one.ok for one in stories), *(one.ok for one in silent), *(one.ok for one in checks)]
    ok = all(verdicts) and not unexplained
    data, mails, hooks = folders
    return Report(ok, round(seconds, 1), data, mails, hooks, stories, silent, checks, tuple(alerts), unexplained)


def _story(planted: Planted, alerts: Sequence[Arrived], of_story: dict[str, str]) -> StoryOutcome:
    mine = [one for one in alerts if any(of_story[piece] == planted.id for piece in one.pieces)]
    by_channel = {name: tuple(one.type for one in mine if one.channel == name) for name in (MAIL, WEBHOOK)}
    path = loop_path(planted.loop)
    shown = {one.channel for one in mine if path in one.loops}
    loop = shown == set(by_channel) if path else None
    ok = all(_fits(planted, types) for types in by_channel.values()) and loop is not False
    return StoryOutcome(planted.id, planted.name, planted.alerts, by_channel[MAIL], by_channel[WEBHOOK], loop, ok)


def _fits(planted: Planted, types: tuple[str, ...]) -> bool:
    # At least once, in no promised order: what counts is which alerts came, each once.
    return Counter(types) == Counter(planted.alerts)


def _silent(piece: str, title: str, alerts: Sequence[Arrived]) -> SilentOutcome:
    named = tuple(f"{one.channel}: {one.subject}" for one in alerts if piece in one.pieces)
    return SilentOutcome(piece, title, named, not named)


def _checks(
    script: Script, alerts: Sequence[Arrived], visits: Sequence[Visit], stopped_clean: bool
) -> tuple[Check, ...]:
    hooks = [one for one in alerts if one.channel == WEBHOOK]
    polled = {visit.path for visit in visits if visit.status in (200, 304)}
    feeds = [outlet.feed_path for outlet in script.outlets]
    unchanged = sum(visit.status == 304 for visit in visits)
    whole = Counter(visit.path for visit in visits if visit.status == 200 and visit.path in feeds)
    walls = [piece.path for piece in script.pieces if piece.page == FORBIDDEN]
    closed = [piece.path for piece in script.pieces if piece.page == ROBOTS]
    refused = [visit.path for visit in visits if visit.status == 403]
    trespasses = [visit.path for visit in visits if visit.path in closed]
    return (
        Check("feeds", set(feeds) <= polled, f"{len(set(feeds) & polled)}/{len(feeds)}"),
        Check("conditional", unchanged > 0, f"{unchanged} × 304, {sum(whole.values())} × 200"),
        Check("wall", all(path in refused for path in walls), f"{len(refused)} × 403"),
        Check("robots", not trespasses, f"{len(trespasses)}"),
        Check("signatures", all(one.verified for one in hooks) and bool(hooks), f"{len(hooks)}"),
        Check("same_body", all(one.same_body for one in hooks), f"{sum(one.copies - 1 for one in alerts)}"),
        Check("clean_stop", stopped_clean, "SIGTERM"),
    )
