"""Test 19: a mail relay that takes, refuses, postpones, breaks off and says nothing, each recipient by itself."""

from __future__ import annotations

import time
from itertools import pairwise

from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import SECRET, Receiver, pending
from tests.faults.relays import Attempt, Relay
from worker.adapters.store import Store
from worker.model import ChannelKind

TITLE = "SMTP scripts"

_FACTOR = 0.0015
_MINUTE_S = 60 * _FACTOR
_SLACK_S = 1.5
_TIMEOUT_S = 30.0
# The first answers to each recipient; the last one stands for all further tries.
_SCRIPTS = {
    "taken": ("250",),
    "later": ("451 4.3.0 later", "data:451 4.3.0 later", "250"),
    "never": ("550 5.1.1 nobody",),
    "refused": ("data:554 5.7.1 no",),
    "closing": ("421", "250"),
    "login": ("454 4.7.0 too many", "250"),
    "dropped": ("drop", "drop", "250"),
    "silent": ("silent", "250"),
    "hopeless": ("451 4.3.0 later",),
}
_LOST = ("never", "refused", "hopeless")


def run(lab: Lab) -> None:
    """Send to each kind of recipient at once, until the one that is always put off is given up after a day."""
    names = [*_SCRIPTS]

    def script(address: str, number: int) -> str:
        answers = _SCRIPTS.get(address.partition("@")[0], ("250",))
        return answers[min(number, len(answers)) - 1]

    relay, receiver = lab.enter(Relay(script)), lab.enter(Receiver())
    valkey = lab.valkey()
    mails = {name: {"channel": "email", "address": f"{name}@gw.example"} for name in names}
    environ = lab.configure(
        recipients={**mails, "ops": {"channel": "webhook", "address": receiver.url(), "secret": SECRET}},
        smtp={"host": "127.0.0.1", "port": relay.port, "security": "none", "sender": "veille@gw.example"},
        fetch={"allow": [receiver.address]},
        polling={"sweep": "500ms"},
        canary={"enabled": False, "within": "2s"},
        delivery={"factor": _FACTOR},
    )
    alerts = lab.folder / "config" / "alerts.toml"
    alerts.write_text(alerts.read_text() + '\n[system]\nrecipients = ["ops"]\n', encoding="utf-8")
    url = lab.database_url()
    environ |= {"GIGAWATCH_DATABASE_URL": url, "GIGAWATCH_BROKER_URL": valkey.url}
    store = Store(url)
    lab.at_end(store.close)
    store.migrate()
    lab.part("worker", "--queues", "clock,deliver", environ=environ).start()
    lab.part("beat", environ=environ).start()
    begun = time.monotonic()
    ids = {
        name: pending(store, 1, recipient=name, channel=ChannelKind.EMAIL, address=f"{name}@gw.example")[0]
        for name in names
    }
    wait_until(lambda: not store.alerts(state="open"), 400, "every alert has its end", 0.2)
    wait_until(lambda: any(b"hopeless" in one.body for one in receiver.requests()), 60, "the notice by webhook", 0.2)
    states = {name: store.alerts_by_id([key])[0].state for name, key in ids.items()}
    lab.figure("states", " ".join(f"{name}:{state}" for name, state in states.items()))
    lab.figure("tries", " ".join(f"{name}:{len(_at(relay, name))}" for name in names))
    for name, state in states.items():
        lab.must(state == ("dead" if name in _LOST else "done"), f"{name} ended as {state}")
        if name != "hopeless":
            lab.must(len(_at(relay, name)) == len(_SCRIPTS[name]), f"{name} was tried {len(_at(relay, name))} times")
    _schedule(lab, relay)
    _same(lab, relay)
    silent = store.attempts_of(ids["silent"])[0][0].timestamp()
    lab.figure("silence given up after s", relay.left_s[0])
    lab.must(bool(silent) and relay.left_s[0] <= _TIMEOUT_S + 1.0, "the silent relay was waited for beyond 30 s")
    told = [one for one in receiver.requests() if b"hopeless" in one.body]
    lab.figure("notices of the dead letter", len(told))
    lab.must(len(told) == 1, "the dead letter was not told of once")
    lab.figure("seconds", time.monotonic() - begun)
    lab.note(f"delays are scaled by delivery.factor {_FACTOR}; {_SLACK_S} s are allowed for the sweep")


def _at(relay: Relay, name: str) -> tuple[Attempt, ...]:
    return relay.attempts(f"{name}@gw.example")


def _schedule(lab: Lab, relay: Relay) -> None:
    at = [one.at for one in _at(relay, "hopeless")]
    waits = [after - before for before, after in pairwise(at)]
    planned = [minutes * _MINUTE_S for minutes in (1, 5, 15, 60, *[60] * 60)]
    lab.figure("delays in minutes of the schedule", " ".join(f"{wait / _MINUTE_S:.0f}" for wait in waits))
    lab.figure("from first to last in hours", (at[-1] - at[0]) / _MINUTE_S / 60)
    for wait, scaled in zip(waits, planned, strict=False):
        lab.must(0.8 * scaled <= wait <= 1.2 * scaled + _SLACK_S, f"{wait:.2f} s for {scaled:.2f} s")
    lab.must(24 <= len(waits) <= 28, f"{len(waits)} repeats in a day")


def _same(lab: Lab, relay: Relay) -> None:
    """Every repeat that came as far as the message is the same message, to one recipient."""
    whole = [one for one in relay.attempts() if one.raw]
    for name in _SCRIPTS:
        mine = [one for one in whole if one.address == f"{name}@gw.example"]
        for header in ("Message-ID", "Date"):
            lab.must(len({str(one.message[header]) for one in mine}) <= 1, f"{name}: another {header} at a repeat")
        lab.must(len({one.raw for one in mine}) <= 1, f"{name}: another body at a repeat")
    lab.figure("whole messages of the one that broke off", len([one for one in _at(relay, "dropped") if one.raw]))
    lab.must(all(len(one.recipients) == 1 for one in relay.attempts()), "an envelope has more than one recipient")
