"""Invented deals for the tests of messages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import jsonschema

from worker.model import (
    AlertType,
    Bound,
    Cause,
    Change,
    ChangeKind,
    ChannelKind,
    Draft,
    Edge,
    Evidence,
    Flow,
    Kind,
    Loop,
    Recipient,
    Rule,
    Source,
    Span,
    Status,
    Story,
    StoryFlow,
)
from worker.pipeline.messages import Letterhead, Links, Messages, Templates

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "config" / "webhook.schema.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 3, 2, 13, 2, tzinfo=UTC)
STORY_ID = "5e" * 16
RULE = Rule("milliards", ("desk",))


def packaged() -> dict[str, str]:
    """The packaged templates by name."""
    folder = ROOT / "config" / "templates"
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.j2")}


def messages(
    *,
    templates: Templates | None = None,
    sender: str = "veille@gw.example",
    domain: str = "gw.example",
    links: Links | None = None,
) -> Messages:
    """The packaged templates, or `templates`, and a letterhead of invented addresses."""
    head = Letterhead(sender, domain, links or Links("stop@gw.example"))
    return Messages(templates or Templates(packaged(), product="9.9.9"), letterhead=head, language="fr")


def proof(field: str, quote: str, sentence: str) -> Evidence:
    start = sentence.index(quote)
    return Evidence(field, Span("text", start, start + len(quote)), quote, sentence, Span("text", 0, len(sentence)))


SENTENCE = "Nivalis loue à Hélianthe pour 30 milliards de dollars de serveurs, sur 5 ans & plus."
RENT = Flow(
    "Nivalis", "Hélianthe", Kind.COMPUTE, 30e9, "USD", 1200, None, 5,
    evidence=(proof("amount", "30 milliards de dollars", SENTENCE), proof("payer", "Nivalis", SENTENCE)),
)  # fmt: skip
STAKE = Flow("Hélianthe", "Nivalis", Kind.EQUITY, 8.5e9, "EUR", bound=Bound.UP_TO)
CHIPS = Flow("Nivalis", "Orvane", Kind.CHIPS, chips=18_000, status=Status.OPTION)
SOURCES = (
    Source("a1", "Nivalis choisit Hélianthe", "https://www.gazette.example/a1", "Gazette Tech", "Gazette",
           NOW - timedelta(hours=3), NOW),
    Source("a2", "Le contrat <caché>", "https://courrier.example/a2?x=1&y=2", "Le Courrier", "Courrier",
           NOW - timedelta(hours=1), NOW, "feed", Cause.PAYWALL),
)  # fmt: skip


def edge(flow: Flow) -> Edge:
    return Edge(
        flow.payer or "",
        flow.payee or "",
        flow.kind,
        flow.amount,
        flow.currency,
        flow.status,
        flow.bound,
        STORY_ID,
        NOW,
        "Gazette Tech",
    )


LOOP = Loop("1f" * 16, (edge(STAKE), edge(RENT)))


def story(*flows: Flow, **changed: Any) -> Story:
    held = tuple(StoryFlow(flow, "a1", "Gazette Tech", NOW) for flow in flows or (RENT,))
    whole = Story(
        STORY_ID,
        "Nivalis choisit Hélianthe",
        1,
        Status.ANNOUNCED,
        held,
        flows[:1],
        SOURCES,
        NOW - timedelta(hours=3),
        NOW,
    )
    return replace(whole, **changed)


def draft(
    kind: AlertType = AlertType.DETECTED,
    *,
    of: Story | None = None,
    changes: tuple[Change, ...] | None = None,
    channel: ChannelKind = ChannelKind.EMAIL,
    language: str = "fr",
    **changed: Any,
) -> Draft:
    recipient = Recipient("desk", channel, "desk@gw.example", language)
    whole = Draft(
        "a1" * 16, kind, RULE, recipient, ("règle « milliards »",), NOW, of or story(),
        (Change(ChangeKind.NEW_STORY, STORY_ID, 1),) if changes is None else changes,
    )  # fmt: skip
    return replace(whole, **changed)


def parsed(body: str) -> EmailMessage:
    """The mail as a strict reader sees it."""
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(body.encode("ascii"))
    assert not message.defects
    return message


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def checked(body: str) -> dict[str, Any]:
    """The webhook body, valid by the published schema."""
    content: dict[str, Any] = json.loads(body)
    jsonschema.validate(content, SCHEMA, cls=jsonschema.Draft202012Validator)
    return content
