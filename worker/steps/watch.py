"""watch: silences become system alerts, told once when they begin and once when they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker.model import CANARY, Alarm, Alert, FeedState, Trouble, TroubleKind
from worker.pipeline import recipients, silence, troubles
from worker.ports import Disk
from worker.steps import canary
from worker.steps.deliver import deliver
from worker.steps.parts import Parts, Ring, rings

PART = "watch"
# More than a busy hour brings and enough for a year of a quiet feed; the weeks that it covers give the weekdays.
_TIMES = 500
# More of one kind at once are one message.
_SINGLY = 3
# Who has been told of alerts that were given up is told again only after so long without any. Of a recipient that
# works now and then people are told no more often.
_LATELY = timedelta(days=1)
# Whatever became of these, its end is no news: somebody sent the alerts again, or they arrive.
_QUIET = (TroubleKind.FAILING, TroubleKind.GIVEN_UP)
# What is looked for anew each time: it is over once it is no longer found.
_FOUND = (
    TroubleKind.CANARY, TroubleKind.RECIPIENT, TroubleKind.FAILING, TroubleKind.GIVEN_UP, TroubleKind.DISK,
)  # fmt: skip
_OF_RECIPIENTS = (TroubleKind.RECIPIENT, TroubleKind.FAILING, TroubleKind.GIVEN_UP)
# A disk that was told to be low has room again once it has so much more: at the border it would be told of for ever.
_MORE_ROOM = 1.5
# Each machine looks at its own disk. One that nobody has looked at for so long may be gone: nobody will say that it has
# room again.
_FORGOTTEN = timedelta(days=7)
# As the store bounds it.
_LONGEST_KEY = 200
_DAY = timedelta(days=1)


def watch(parts: Parts) -> tuple[Ring, ...]:
    """Move the canary on, look at every feed; returns the feed to poll and the alerts to deliver."""
    now = parts.clock.now()
    last = parts.store.heartbeats().get(PART)
    # First of all, so that a watch that fails does not look as if it had slept.
    parts.store.beat(PART, now)
    slept = last is not None and (now - last).total_seconds() > parts.policy.watch_missed_s
    planted, missed = canary.turn(parts, now, slept=slept)
    found = [missed] if missed is not None else []
    found += _of_recipients(parts, now)
    disk = parts.disk()
    found += _low_disk(parts, now, disk)
    fresh = _tell(parts, now, found, disk="" if disk is None else _disk_key(disk))
    return (*rings("poll", [CANARY] if planted else []), *rings("deliver", fresh))


def stand_in(parts: Parts) -> int:
    """Watch, and deliver what follows, where nobody else has watched for too long; returns how many alerts there were.

    For a part that lives without the broker: who else would tell that it is away?
    """
    last = parts.store.heartbeats().get(PART)
    if last is None or (parts.clock.now() - last).total_seconds() <= parts.policy.watch_late_s:
        return 0
    ids = [key for ring in watch(parts) if ring.step == "deliver" for key in ring.ids]
    if ids:
        deliver(parts, ids)
    return len(ids)


def _tell(parts: Parts, now: datetime, found: list[Trouble], *, disk: str) -> list[str]:
    """Tell what begins and what ends; `disk` is the key of the one that was looked at, "" for none."""
    states = parts.store.feeds()
    alarms = {alarm.trouble.key: alarm for alarm in parts.store.alarms()}
    told = _told_of(alarms.values())
    keys = {one.key for one in found}
    over = []
    for key, alarm in alarms.items():
        if alarm.trouble.kind in _FOUND:
            ends = key not in keys and _is_gone(alarm.trouble, now, disk=disk)
        else:
            ends = _is_over(parts, alarm.trouble, states, now=now, told=told)
        over += [alarm] if ends else []
    fresh = _tell_ends(parts, now, over, states, disk=disk)
    known = {key: alarm for key, alarm in alarms.items() if alarm not in over}
    outage = silence.outage(states, now, told=told)
    if outage is not None:
        found.append(outage)
    spared = outage is not None or "outage" in known
    for state in states:
        found += _of_feed(parts, now, state, known, spared=spared)
    begun = [one for one in found if one.key not in known or not known[one.key].raised]
    for group in _grouped(begun):
        fresh += parts.store.raise_alarms(group, _alerts(parts, now, group, "begun"), now)
    return fresh


def _of_recipients(parts: Parts, now: datetime) -> list[Trouble]:
    states = parts.store.recipient_states()
    retried = {state.id for state in states if state.id in parts.recipients and parts.store.waiting_for(state.id)}
    return recipients.troubles(
        states,
        parts.store.given_up(now - _LATELY),
        retried=retried,
        now=now,
        factor=parts.policy.retry_factor,
    )


def _low_disk(parts: Parts, now: datetime, disk: Disk | None) -> list[Trouble]:
    if disk is None:
        return []
    key = _disk_key(disk)
    told = any(alarm.trouble.key == key for alarm in parts.store.alarms())
    if disk.free >= disk.least * (_MORE_ROOM if told else 1.0):
        return []
    name = f"{disk.folder} ({disk.host})"
    return [Trouble(key, TroubleKind.DISK, now, names=(name,), total=int(disk.free / 2**20))]


def _disk_key(disk: Disk) -> str:
    return f"disk/{disk.name}"[:_LONGEST_KEY]


def _of_feed(parts: Parts, now: datetime, state: FeedState, known: dict[str, Alarm], *, spared: bool) -> list[Trouble]:
    """Return what is to be told of one feed; `spared` where its failing is part of an outage."""
    if state.feed.paused or not state.polls:
        return []
    found: list[Trouble] = []
    failing = silence.unfetched(state, now)
    if failing is not None:
        waiting = known.get(failing.key)
        if waiting is not None:
            failing = replace(failing, since=min(failing.since, waiting.trouble.since))
        if not spared and silence.is_due(failing, state, now):
            found.append(failing)
        elif waiting is None and state.last_success_at is None:
            parts.store.await_alarm(failing)
        return found
    flooding = silence.flooding(state)
    if flooding is not None and flooding.key not in known:
        found.append(flooding)
    if f"silent/{state.feed.id}" not in known and silence.may_be_silent(state, now) and _is_silent(parts, now, state):
        last = silence.last_item(state, parts.store.recent_times(state.feed.id, 1))
        if last is not None:
            found.append(silence.silent(state, last))
    if f"text/{state.feed.id}" not in known:
        textless = silence.textless(state, parts.store.pages_read(state.feed.id, silence.PAGES))
        found += [textless] if textless is not None else []
    return found


def _is_silent(parts: Parts, now: datetime, state: FeedState) -> bool:
    times = parts.store.recent_times(state.feed.id, _TIMES)
    before = silence.year_before(silence.last_break(now))
    rested = parts.store.times_between(state.feed.id, before.start, before.end)
    rhythm = silence.rhythm(times, last_year=rested)
    last = silence.last_item(state, times)
    return rhythm is not None and last is not None and silence.silent_since(rhythm, last, now)


def _told_of(alarms: Iterable[Alarm]) -> frozenset[str]:
    """Return the feeds that were told to fail, each by itself: none is while an outage lasts."""
    return frozenset(one.trouble.feed_id for one in alarms if one.raised and one.trouble.kind is TroubleKind.FETCH)


def _is_gone(trouble: Trouble, now: datetime, *, disk: str) -> bool:
    """Return whether a trouble that was not found this time is over."""
    if trouble.kind is TroubleKind.FAILING:
        return now - (trouble.found_at or trouble.since) >= _LATELY
    if trouble.kind is TroubleKind.DISK and trouble.key != disk:
        return now - trouble.since >= _FORGOTTEN
    return True


def _is_over(
    parts: Parts, trouble: Trouble, states: Sequence[FeedState], *, now: datetime, told: frozenset[str]
) -> bool:
    state = next((one for one in states if one.feed.id == trouble.feed_id), None)
    if state is not None and state.feed.paused:
        return True
    wanted = trouble.kind is TroubleKind.NO_TEXT and state is not None
    pages = parts.store.pages_read(trouble.feed_id, silence.PAGES) if wanted else ()
    floods = trouble.kind is TroubleKind.FLOOD
    held = parts.store.brought(trouble.feed_id, since=now - _DAY, before=now)["held"] if floods else 0
    return silence.is_over(trouble, state=state, states=states, pages=pages, now=now, told=told, held=held)


def _tell_ends(
    parts: Parts, now: datetime, over: Sequence[Alarm], states: Sequence[FeedState], *, disk: str
) -> list[str]:
    """Clear alarms; tell of those that were told and whose feed is still followed."""
    followed = {state.feed.id for state in states if not state.feed.paused}
    told = [one.trouble for one in over if one.raised and (not one.trouble.feed_id or one.trouble.feed_id in followed)]
    told = [one for one in told if one.kind not in _QUIET]
    # Of a disk that nobody looked at, nobody knows whether it has room.
    told = [one for one in told if one.kind is not TroubleKind.DISK or one.key == disk]
    if parts.policy.canary_every is None:
        told = [one for one in told if one.kind is not TroubleKind.CANARY]
    quiet = [one.trouble.key for one in over if one.trouble not in told]
    if quiet:
        parts.store.clear_alarms(quiet, (), now)
    fresh: list[str] = []
    for group in _grouped(told):
        alerts = _alerts(parts, now, group, "ended")
        fresh += parts.store.clear_alarms([one.key for one in group], alerts, now)
    return fresh


def _grouped(found: Sequence[Trouble]) -> list[list[Trouble]]:
    by_kind: dict[TroubleKind, list[Trouble]] = defaultdict(list)
    for one in found:
        by_kind[one.kind].append(one)
    groups: list[list[Trouble]] = []
    for same in by_kind.values():
        groups += [same] if len(same) > _SINGLY else [[one] for one in same]
    return groups


def _alerts(parts: Parts, now: datetime, group: Sequence[Trouble], phase: str) -> list[Alert]:
    key = "/".join(f"{one.key}@{one.since.isoformat()}" for one in group)
    wording: Callable[[str], tuple[str, tuple[str, ...]]] = (
        (lambda language: troubles.begun(group, language))
        if phase == "begun"
        else (lambda language: troubles.ended(group, language, now))
    )
    made = []
    # No word reaches whom the word is about.
    deaf = {name for one in group if one.kind in _OF_RECIPIENTS for name in one.names}
    for name in parts.system:
        recipient = parts.recipients.get(name)
        if recipient is not None and (name not in deaf or phase == "ended"):
            title, lines = wording(recipient.language)
            made.append(
                parts.messages().compose_system(
                    title=title, lines=lines, recipient=recipient, now=now, key=key, healed=phase == "ended"
                )
            )
    return made
