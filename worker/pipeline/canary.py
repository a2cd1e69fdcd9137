"""The canary: a planted article that must come out as an alert, and what its runs say of the whole chain.

Its feed and pages stand at a name that can belong to nobody (RFC 6761, `.invalid`), so that they are plain web
addresses to every step on the way. Firms and figures are invented; each run has an amount of its own, so that no run
is taken for a copy of the one before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from worker.model import CANARY, CanaryRun, ChannelKind, Feed, Recipient, Rule, Trouble, TroubleKind
from worker.text import digest

HOST = "canary.gigawatch.invalid"
FEED = Feed(id=CANARY, name="gigawatch", url=f"http://{HOST}/feed.xml")
RULE = Rule(CANARY, (CANARY,))
_PAGE = re.compile(rf"{re.escape(HOST)}/article/([0-9a-f]{{16,64}})")

_TITLE = "Sérinelle signe un contrat de {amount} millions d’euros avec Passereau Cloud pour entraîner ses modèles"
_SUMMARY = "Pendant trois ans, la start-up d’intelligence artificielle louera des GPU à l’hébergeur."
_TEXT = (
    "La start-up d’intelligence artificielle Sérinelle a signé un contrat de {amount} millions d’euros avec "
    "l’hébergeur Passereau Cloud. Pendant trois ans, elle lui louera les grappes de GPU sur lesquelles seront "
    "entraînés ses prochains modèles de langage.",
    "Les serveurs, au nombre de {racks} baies, seront installés dans un centre de données refroidi à l’eau. Passereau "
    "Cloud assure pouvoir mettre en service la première tranche dans {weeks} semaines.",
    "« Nous avions besoin d’une capacité de calcul qui soit à nous », explique la directrice générale de Sérinelle. "
    "L’hébergeur, de son côté, y voit de quoi remplir ses nouvelles salles.",
)


def recipient(channel: ChannelKind) -> Recipient:
    """Return the one that the canary's alert is for: it is worded as for `channel`, and never leaves the house."""
    return Recipient(CANARY, channel, f"canary@{HOST}")


def run(now: datetime, within: timedelta) -> CanaryRun:
    """Return a new run that is due `within`; two watches at the same moment plan the same one."""
    return CanaryRun(digest("canary", now.isoformat()), now, now + within)


def document(value: CanaryRun | None, path: str) -> tuple[int, str, bytes]:
    """Return status, content type and body for a path of the canary's site during a run (None: none is under way)."""
    if path == "/robots.txt":
        return 200, "text/plain; charset=utf-8", b"User-agent: *\nAllow: /\n"
    if value is None:
        return 404, "text/plain; charset=utf-8", b"no run is under way\n"
    if path == urlsplit(FEED.url).path:
        return 200, "application/rss+xml; charset=utf-8", _feed(value).encode()
    if path == f"/article/{value.id}":
        return 200, "text/html; charset=utf-8", _page(value).encode()
    return 404, "text/plain; charset=utf-8", b"no such page\n"


def arrived(data: Mapping[str, Any]) -> str:
    """Return the id of the run whose article an alert cites, "" where it cites none."""
    found = _PAGE.search(json.dumps(data, ensure_ascii=True))
    return found[1] if found else ""


def is_over(value: CanaryRun, now: datetime) -> bool:
    """Whether a run has come to its end, well or not."""
    return value.arrived_at is not None or now >= value.due_at


def is_due(runs: Sequence[CanaryRun], now: datetime, *, every: timedelta) -> bool:
    """Whether a run is to be planted; `runs` are the latest, the newest first. After a miss the next follows at once,
    so that the end of a fault is seen as soon as its beginning."""
    if not runs:
        return True
    last = runs[0]
    if last.planted_at > now:
        return True  # planted by a clock that was wrong
    if last.arrived_at is not None and last.arrived_at <= last.due_at:
        return now - last.planted_at >= every
    return is_over(last, now)


def missed(runs: Sequence[CanaryRun], now: datetime) -> CanaryRun | None:
    """Return the run that is missed at present: the last one that is over, where it is late; None where all is well."""
    last = next((one for one in runs if is_over(one, now)), None)
    return last if last is not None and (last.arrived_at is None or last.arrived_at > last.due_at) else None


def is_stale(runs: Sequence[CanaryRun], now: datetime, *, every: timedelta, within: timedelta) -> bool:
    """Whether nobody has planted a run for too long: twice the bound beyond the time."""
    return bool(runs) and now - runs[0].planted_at > every + 2 * within


def trouble(value: CanaryRun) -> Trouble:
    """Return the trouble of a missed run."""
    return Trouble(
        key="canary", kind=TroubleKind.CANARY, since=value.planted_at, stage=value.stage, detail=value.detail
    )


def _figures(value: CanaryRun) -> dict[str, int]:
    seed = int(value.id[:8], 16)
    return {"amount": 110 + seed % 780, "racks": 12 + seed // 780 % 80, "weeks": 6 + seed // 62_400 % 30}


def _feed(value: CanaryRun) -> str:
    link = f"http://{HOST}/article/{value.id}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>gigawatch</title>'
        f"<link>http://{HOST}/</link><description>Fiction</description>"
        f"<item><title>{_TITLE.format(**_figures(value))}</title><link>{link}</link>"
        f'<guid isPermaLink="false">{value.id}</guid><pubDate>{format_datetime(value.planted_at)}</pubDate>'
        f"<description>{_SUMMARY}</description></item></channel></rss>\n"
    )


def _page(value: CanaryRun) -> str:
    title = _TITLE.format(**_figures(value))
    body = "".join(f"<p>{paragraph.format(**_figures(value))}</p>" for paragraph in _TEXT)
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="article:published_time" content="{value.planted_at.isoformat()}"></head>'
        f"<body><main><article><h1>{title}</h1>{body}</article></main></body></html>\n"
    )
