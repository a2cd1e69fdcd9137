"""The inside of test 26: `python -m tests.faults.guarded REPORT DATABASE`, in namespaces that nothing leaves."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import Answer, pending
from tests.faults.strangers import RSS, Canary, NameServer, Visit, Web, feed_row, headline, nothing
from tests.steps.site import rss
from worker.adapters.store import Store
from worker.adapters.store.schema import alert, entry
from worker.demo.play import SECRET
from worker.model import FeedState

# Somebody's real addresses; in this namespace they are the test's own, and lead nowhere else.
PUBLIC, CLOSED, PUBLIC_6 = "93.184.215.14", "93.184.215.15", "2606:2800:21f:cb07::14"
_DNS = "127.0.9.53"
_INSIDE = ("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "168.63.129.16")
_INSIDE_6 = ("fd00::1", "64:ff9b::7f00:1", "2002:7f00:1::", "fec0::1", "64:ff9b:1::1")
LITERALS = (
    "127.0.0.1", "127.1", "127.0.0.1.", "0x7f000001", "0x7f.1", "2130706433", "0177.0.0.1", "017700000001", "0.0.0.0",
    "0", "①②⑦.⓪.⓪.①", "localhost", "localhost.", "127.99.1.2", *_INSIDE, "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[fe80::1]",
    *(f"[{one}]" for one in _INSIDE_6), "[64:ff9b::a9fe:a9fe]", "[2001:0:7f00:1::]", "[ff02::1]",
    f"{PUBLIC}:22", f"{PUBLIC}:6379",
)  # fmt: skip
NAMES = {
    "loop.gw.test": [["127.0.0.1"]], "meta.gw.test": [["169.254.169.254"]], "ten.gw.test": [["10.0.0.1"]],
    "six.gw.test": [["::1"]], "mapped.gw.test": [["::ffff:10.0.0.1"]], "both.gw.test": [["127.0.0.1", "::1"]],
    "nat.gw.test": [["64:ff9b::7f00:1"]],
}  # fmt: skip
_SITES = {
    "press.gw.test": [[PUBLIC]], "mixed-a.gw.test": [[PUBLIC, "127.0.0.1"]], "mixed-b.gw.test": [["127.0.0.1", PUBLIC]],
    "mixed-c.gw.test": [[CLOSED, "127.0.0.1"]], "mixed-d.gw.test": [["::1", PUBLIC, "10.0.0.1"]],
    "rebind.gw.test": [[PUBLIC], ["127.0.0.1"]],
}  # fmt: skip
_RULE = re.compile(
    r" is (this host|private|carrier-grade NAT|loopback|cloud metadata|link local|local NAT64|site local|multicast|"
    r"6to4|reserved|not public)|port \d+ is not among|not a web address"
)
_ALLOWED = "127.0.0.1:8099"


def _surroundings(folder: Path) -> None:
    (folder / "resolv.conf").write_text(f"nameserver {_DNS}\noptions timeout:1 attempts:1\n")
    commands = [
        "mount --make-rprivate /",
        f"mount --bind {folder / 'resolv.conf'} {Path('/etc/resolv.conf').resolve()}",
        "ip link set lo up",
        *(f"ip addr add {one}/32 dev lo" for one in (PUBLIC, CLOSED, *_INSIDE)),
        *(f"ip -6 addr add {one}/128 dev lo nodad" for one in (PUBLIC_6, *_INSIDE_6, "fe80::1")),
    ]
    for command in commands:
        subprocess.run(command.split(), check=True)


def _site(visit: Visit) -> Answer:
    """The site of every public name: feeds, pages, and redirects to wherever a path says."""
    kind, _, target = visit.path.strip("/").partition("/")
    if kind == "to":
        return Answer(302, {"Location": f"http://{LITERALS_AND_NAMES[int(target)]}/behind"})
    if visit.host.endswith(".robots.gw.test") and visit.path == "/robots.txt":
        place = LITERALS_AND_NAMES[int(visit.host.split(".")[0][1:])]
        return Answer(301, {"Location": f"http://{place}/robots.txt"})
    if kind == "links":
        return Answer(200, RSS, rss("http://press.gw.test", []).replace(b"</channel>", _links(target) + b"</channel>"))
    if visit.path.startswith("/feed"):
        return Answer(200, RSS, nothing("http://press.gw.test", visit.host))
    return Answer(404)


def _links(role: str) -> bytes:
    pattern = {
        "direct": "http://{place}/article{n}",
        "redirect": "http://press.gw.test/to/{n}",
        "robots": "http://r{n}.robots.gw.test/article",
    }[role]
    return "".join(
        f"<item><guid>{role}{n}</guid><title>{headline(n)} ({role})</title><description>Contrat GPU</description>"
        f"<link>{pattern.format(n=n, place=place)}</link></item>"
        for n, place in enumerate(LITERALS_AND_NAMES)
    ).encode()


LITERALS_AND_NAMES = (*LITERALS, *NAMES)
_ROLES = ("direct", "redirect", "robots")


def _zone() -> dict[str, list[list[str]]]:
    robots = {f"r{n}.robots.gw.test": [[PUBLIC]] for n in range(len(LITERALS_AND_NAMES))}
    return {**NAMES, **_SITES, **robots}


def run(lab: Lab) -> None:
    """Lead the daemon to every address by every way, and count who came."""
    _surroundings(lab.folder)
    canary = Canary([(host, port) for port in (80, 443, 8080, 22, 6379) for host in ("0.0.0.0", "::")])
    lab.at_end(canary.close)
    names = NameServer(_zone(), _DNS)
    lab.at_end(names.close)
    public = lab.enter(Web(_site, PUBLIC, 80))
    lab.enter(Web(_site, PUBLIC_6, 80))
    mine = lab.enter(Web(_site, "127.0.0.1", 8099))
    _prove(lab, canary)
    places = LITERALS_AND_NAMES
    rows = [feed_row(f"f{n}", f"http://{place}/feed{n}.xml") for n, place in enumerate(places)]
    rows += [feed_row(f"r{n}", f"http://press.gw.test/to/{n}") for n in range(len(places))]
    rows += [feed_row(name.split(".")[0], f"http://{name}/feed.xml") for name in _SITES]
    rows += [feed_row(f"links-{role}", f"http://press.gw.test/links/{role}") for role in _ROLES]
    rows += [feed_row("mine", f"http://{_ALLOWED}/feed.xml")]
    hooks = {f"w{n}": f"http://{place}/hook" for n, place in enumerate(places)}
    hooks["w-redirect"] = "http://press.gw.test/to/0"
    environ = lab.configure(
        feeds=rows,
        recipients={name: {"channel": "webhook", "address": url, "secret": SECRET} for name, url in hooks.items()},
        rules=[{"id": "tout", "recipients": ["w-redirect"]}],
        polling={"min_interval": "2s", "max_interval": "4s", "host_gap": 0, "tick": "500ms", "sweep": "1s"},
        fetch={"allow": [_ALLOWED]},
    )
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:8080")
    proxies |= {name.upper(): url for name, url in proxies.items()}
    environ |= {**proxies, "GIGAWATCH_DATABASE_URL": lab.database_url()}
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    store.migrate()
    lab.at_end(store.close)
    for name in hooks:
        pending(store, 1, recipient=name)
    daemon = lab.part("up", environ=environ)
    daemon.start()
    try:
        wait_until(
            lambda: not daemon.alive() or _done(store, len(places)),
            240,
            "every feed polled, page tried and webhook sent",
        )
        wait_until(lambda: _state(store, "rebind").entries == 1, 60, "the name read that is rebound now")
        names.turns["rebind.gw.test"] = 1
        wait_until(lambda: bool(_state(store, "rebind").failures), 60, "the rebound name refused")
    except TimeoutError as error:
        lab.must(False, f"{error}; {daemon.words()[-1000:]}")
    _judge(lab, store, canary, public, mine)
    daemon.stop()


def _prove(lab: Lab, canary: Canary) -> None:
    """Knock where nobody may, to see that it would be counted; then forget it."""
    for host in ("127.0.0.1", *_INSIDE, "::1", *_INSIDE_6):
        with socket.create_connection((host, 80), timeout=5):
            pass
    wait_until(lambda: len(canary.connections) == 2 + len(_INSIDE) + len(_INSIDE_6), 5, "the canary counts")
    lab.figure("addresses on which the canary was seen to count", len(canary.connections))
    canary.connections.clear()


def _rows(store: Store, *columns: Any) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(select(*columns)).all())


def _state(store: Store, name: str) -> FeedState:
    return next(state for state in store.feeds() if state.feed.id == name)


def _done(store: Store, places: int) -> bool:
    polled = all(state.polls >= 2 for state in store.feeds() if not state.feed.id.startswith("canary"))
    # A name that does not resolve is tried again for minutes: the first try is what is looked at.
    rows = _rows(store, entry.c.state, entry.c.title, entry.c.last_error)
    tried = [row.state == "done" or bool(row.last_error) for row in rows if row.title.startswith("Nordlys")]
    sent = [row.attempts for row in _rows(store, alert.c.attempts, alert.c.rule_id) if row.rule_id == "all"]
    return polled and len(tried) == 3 * places and all(tried) and all(sent)


def _judge(lab: Lab, store: Store, canary: Canary, public: Web, mine: Web) -> None:
    states = {state.feed.id: state for state in store.feeds()}
    refused = {name: state.message for name, state in states.items() if re.fullmatch(r"[fr]\d+", name)}
    links = [row for row in _rows(store, entry.c.feed_id, entry.c.url, entry.c.guid, entry.c.last_error)
             if row.feed_id.startswith("links-")]  # fmt: skip
    refused |= {row.guid: row.last_error or "" for row in links}
    told = _rows(store, alert.c.recipient_id, alert.c.last_error, alert.c.rule_id)
    hooks = {row.recipient_id: row.last_error for row in told if row.rule_id == "all"}
    refused |= {name: words or "" for name, words in hooks.items() if name != "w-redirect"}
    # A number with a dot behind it is a name, and one that nobody has.
    nameless = {n for n, place in enumerate(LITERALS_AND_NAMES) if place.endswith(".")}
    silent = [
        f"{name}: {words}"
        for name, words in refused.items()
        if not _RULE.search(words)
        and not (
            int(name.lstrip("abcdefghijklmnopqrstuvwxyz")) in nameless and re.search("not resolve|not be had", words)
        )
    ]
    lab.figure("addresses", len(LITERALS_AND_NAMES))
    lab.figure("ways in tried", len(refused))
    lab.figure("refusals that do not name the rule", len(silent))
    # The closed public address was rightly dialled; only the canary's being everywhere made it answer.
    canary.connections[:] = [one for one in canary.connections if not one.startswith(CLOSED)]
    lab.figure("connections to the canary", len(canary.connections))
    lab.must(not canary.connections, f"the canary was reached: {canary.connections[:10]}")
    lab.must(len(refused) == 6 * len(LITERALS_AND_NAMES), f"{len(refused)} ways in")
    lab.must(not silent, f"no rule named: {silent[:12]}")
    wrong = [name for name in ("press", "mixed-a", "mixed-b", "mixed-d", "mine") if states[name].entries != 1]
    lab.must(not wrong, f"not read: {[(name, states[name].message) for name in wrong]}")
    lab.must(bool(mine.visits), "the allowed address was not fetched")
    lab.must(states["rebind"].entries == 1, f"the rebound name was never read: {states['rebind'].message}")
    lab.must("loopback" in states["rebind"].message, f"the rebound name: {states['rebind'].message}")
    lab.must(states["mixed-c"].entries == 0, "a name whose public address is closed was read elsewhere")
    lab.must("302" in str(hooks["w-redirect"]), f"the redirected webhook: {hooks['w-redirect']}")
    lab.figure("requests that public sites got", len(public.visits))
    lab.figure("proxy variables set", "http://127.0.0.1:8080, the canary")


def main() -> None:
    """Run as a program."""
    report, database = Path(sys.argv[1]), sys.argv[2]
    with Lab(database=database) as lab:
        run(lab)
        report.write_text(json.dumps({"figures": lab.figures, "faults": lab.faults, "notes": lab.notes}))


if __name__ == "__main__":
    main()
