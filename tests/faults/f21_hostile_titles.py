"""Test 21: titles that would break a mail's headers, through real filing and real delivery."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header

from tests.faults.lab import Lab
from tests.faults.relays import Attempt, Relay
from tests.steps.conftest import Desk, HandClock
from tests.steps.court import Court, deal
from tests.steps.site import Site
from worker import runtime
from worker.steps import deliver

TITLE = "Hostile title in headers"
SHORT = True

# What a title may hold, and what of it a reader must still see in the subject.
_TITLES = {
    "bcc": ("Nordlys loue\r\nBcc: victime@gw.example\r\n\r\n<b>un centre", "Nordlys loue"),
    "folded": ("Nordlys loue\r\n Bcc: victime@gw.example", "Nordlys loue"),
    "separators": ("Nordlys\u2028loue\u2029un\x85centre\x0bde\x0ccalcul", "Nordlys loue un centre de calcul"),
    "controls": ("Nordlys\x00 loue \x1b[31mun\x1b[0m centre\x07\x08", "Nordlys loue"),
    "long": ("Nordlys " + "x" * 5_000, "Nordlys"),
    "words": ("Énergie nucléaire à Évry " * 250, "Énergie nucléaire à Évry"),
    "emoji": ("Nordlys loue \U0001f3ed\u26a1\ufe0f à Lyon", "Nordlys loue \U0001f3ed\u26a1\ufe0f à Lyon"),
    "right to left": (
        "Nordlys \u202egro.live\u202c loue \u2067abc\u2069 un\u200f centre",
        "gro.live loue abc un centre",
    ),
    "encoded": ("Nordlys =?utf-8?q?=0D=0ABcc=3A_victime=40gw.example?= loue", "Nordlys"),
    "base64": ("Nordlys =?utf-8?B?DQpCY2M6IHZpY3RpbWVAZ3cuZXhhbXBsZQ==?=", "Nordlys"),
    "split": ("Nordlys =\u200b?utf-8?q?=0D=0ABcc=3A_victime=40gw.example?=", "Nordlys"),
    "empty": ("\u200b\u2060 \r\n", "Helvia"),
}
_HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "References", "X-Gigawatch-Story", "List-Id", "List-Unsubscribe",
    "Auto-Submitted", "X-Gigawatch-Rule", "X-Gigawatch-Kind", "MIME-Version", "Content-Type",
]  # fmt: skip


def run(lab: Lab) -> None:
    """File one deal with each title, and one whose parties are named so; deliver; read what the relay was given."""
    relay, site = lab.enter(Relay()), lab.enter(Site())
    environ = lab.configure(
        recipients={"desk": {"channel": "email", "address": "desk@gw.example"}},
        rules=[{"id": "tout", "recipients": ["desk"]}],
        smtp={"host": "127.0.0.1", "port": relay.port, "security": "none", "sender": "veille@gw.example"},
    )
    clock = HandClock()
    clock.time = datetime.now(UTC)
    built = runtime.build(lab.load({**environ, "GIGAWATCH_DATABASE_URL": lab.database_url()}), clock=clock)
    lab.at_end(built.close)
    built.store.migrate()
    court = Court(Desk(built, clock, site, lab.folder / "alerts.log"))
    # Only the detector is a stand-in, so that a title and a party can be anything.
    court.parts = replace(court.parts, channels=built.channels)
    readable: dict[str, str] = {}
    for number, (name, (title, words)) in enumerate(_TITLES.items()):
        found = court.file(name, deal(title, f"Helvia {number}", 2e9 + number), title=title)
        lab.must(len(found) == 1, f"{name}: {len(found)} alerts")
        deliver(court.parts, found)
        readable |= dict.fromkeys(found, words)
    states = {row.alert.id: row.state for row in built.store.alerts_by_id(list(readable))}
    lab.figure("alerts filed", len(readable))
    lab.figure("mails at the relay", len(relay.attempts()))
    lab.must(all(state == "done" for state in states.values()), f"not all were sent: {states}")
    lab.must(len(relay.attempts()) == len(readable), "the relay was not given each once")
    lines = [len(line) for one in relay.attempts() for line in one.raw.split(b"\r\n")]
    lab.figure("longest line bytes", max(lines))
    lab.must(max(lines) <= 998, f"a line has {max(lines)} bytes")
    for one in relay.attempts():
        _look(lab, one, readable)
    subjects = [str(one.message["Subject"]) for one in relay.attempts()]
    lab.figure("longest subject characters", max(map(len, subjects)))
    lab.figure("subjects", " | ".join(subject[:40] for subject in subjects))


def _look(lab: Lab, one: Attempt, readable: dict[str, str]) -> None:
    mail = one.message
    key = str(mail["Message-ID"]).strip("<>").partition("@")[0]
    names = list(mail.keys())
    lab.must(names == _HEADERS, f"headers {names}")
    lab.must(one.recipients == ("desk@gw.example",), f"recipients {one.recipients}")
    lab.must(str(mail["To"]) == "desk@gw.example", f"To: {mail['To']}")
    lab.must(all(byte in (9, 10, 13) or 32 <= byte < 127 for byte in one.raw), "a control character in a mail")
    raw = next(value for name, value in mail.raw_items() if name == "Subject")
    subject = str(make_header(decode_header(str(raw))))
    lab.must(bool(subject.strip()), f"{key} has no subject")
    hidden = [char for char in str(mail["Subject"]) if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")]
    lab.must(not hidden, f"{key}: unreadable characters {hidden} in the subject")
    marks = set(str(mail["Subject"])) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    lab.must(not marks, f"{key}: marks of direction in the subject")
    lab.must(key in readable, f"an id that was not filed: {key}")
    words = readable.get(key, "")
    lab.must(words in str(mail["Subject"]), f"“{words}” cannot be read in “{mail['Subject']}”")
    lab.must("victime" not in str(mail["Bcc"]), "somebody else is in copy")
