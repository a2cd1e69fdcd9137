"""Drafts become alerts: worded, in the recipient's language, in the form of the recipient's channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from worker import text
from worker.model import Alert, AlertType, ChannelKind, Draft, Recipient, Rule
from worker.pipeline.messages import digests, mail, records, system, views
from worker.pipeline.messages.phrases import Phrases
from worker.pipeline.messages.templating import Templates


class Messages:
    """Words alerts. `templates` are names and texts as in config/templates; `product` is the version in the footer;
    `sender` and `domain` are those of mails; `language` is for recipients without one of their own.

    The same draft always gives the same alert, byte for byte.
    """

    def __init__(self, templates: Mapping[str, str], *, product: str, sender: str, domain: str, language: str) -> None:
        self._templates = Templates(templates, product=product)
        self._sender = sender
        self._domain = domain
        self._language = language

    def compose(self, draft: Draft) -> Alert:
        """Return the alert of `draft`. No text of an article makes it fail; raises ConfigError for a template that
        cannot be used."""
        recipient = draft.recipient
        phrase = Phrases(recipient.language or self._language)
        shown = views.view(draft, phrase)
        story_id = draft.story.id if draft.story else None
        alert = Alert(
            draft.id, draft.type, draft.rule.id, recipient.id, recipient.channel, shown.subject,
            body="", data=records.record(draft), created_at=draft.created_at, story_id=story_id,
        )  # fmt: skip
        return replace(alert, body=self._body(alert, recipient, phrase, {"alert": shown}))

    def compose_digest(self, alerts: Sequence[Alert], *, rule: Rule, recipient: Recipient, now: datetime) -> Alert:
        """Return one alert that stands for `alerts`, its stories the biggest first; its id follows from theirs."""
        phrase = Phrases(recipient.language or self._language)
        digest_id = text.digest("digest", *sorted(alert.id for alert in alerts), recipient.id)
        deals = digests.deals(alerts, phrase)
        count = len({alert.story_id or alert.id for alert in alerts})
        counted = phrase("subject.digest", count=count) if count != 1 else phrase("subject.digest_one")
        subject = counted
        if deals:
            subject = text.one_line(f"{counted}{phrase('colon')}{deals[0].parties}, {deals[0].what}", 180)
        alert = Alert(
            digest_id, AlertType.DIGEST, rule.id, recipient.id, recipient.channel, subject,
            body="", data=records.digest_record(digests.ordered(alerts), digest_id), created_at=now,
        )  # fmt: skip
        values = {
            "subject": subject,
            "count": counted,
            "deals": deals[: digests.SHOWN],
            "more_deals": max(0, len(deals) - digests.SHOWN),
            "rule": text.one_line(rule.id, 80),
        }
        return replace(alert, body=self._body(alert, recipient, phrase, values))

    def compose_system(
        self, *, title: str, lines: Sequence[str], recipient: Recipient, now: datetime, key: str
    ) -> Alert:
        """Return a notice of gigawatch about itself, in the recipient's words already; its id follows from `key`."""
        phrase = Phrases(recipient.language or self._language)
        draft = system.draft(lines=lines, recipient=recipient, now=now, key=key, why=phrase("why.system"))
        shown = replace(views.view(draft, phrase), subject=system.subject(title))
        alert = Alert(
            draft.id, draft.type, draft.rule.id, recipient.id, recipient.channel, shown.subject,
            body="", data=records.record(draft), created_at=now,
        )  # fmt: skip
        return replace(alert, body=self._body(alert, recipient, phrase, {"alert": shown}))

    def _body(self, alert: Alert, recipient: Recipient, phrase: Phrases, values: Mapping[str, Any]) -> str:
        """Return the body of `alert`, which has none yet, in the form of its channel."""
        if alert.channel is ChannelKind.WEBHOOK:
            stamp = records.stamp(alert.created_at)
            return records.dump({"type": alert.type.value, "timestamp": stamp, "data": alert.data})
        name = "digest" if alert.type is AlertType.DIGEST else "alert"
        if alert.channel is not ChannelKind.EMAIL:
            return self._templates.render(f"{name}.console.txt.j2", phrase, values)
        return mail.message(
            alert,
            recipient,
            plain=self._templates.render(f"{name}.txt.j2", phrase, values),
            html=self._templates.render(f"{name}.html.j2", phrase, values),
            sender=self._sender,
            domain=self._domain,
        )
