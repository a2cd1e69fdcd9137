"""Drafts become alerts: worded, in the recipient's language, in the form of the recipient's channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from worker import text
from worker.model import Alert, AlertType, ChannelKind, Draft, Hold, Recipient, Rule
from worker.pipeline.messages import chats, digests, mail, notices, records, views
from worker.pipeline.messages.mail import Letterhead, Thread
from worker.pipeline.messages.phrases import Phrases
from worker.pipeline.messages.templating import Templates

_SYSTEM_RULE = "system"


class Messages:
    """Words alerts by `templates`; `letterhead` is for mails, `language` for recipients without one of their own.

    The same draft always gives the same alert, byte for byte.
    """

    def __init__(self, templates: Templates, *, letterhead: Letterhead, language: str) -> None:
        self._templates = templates
        self._letterhead = letterhead
        self._language = language

    def compose(self, draft: Draft) -> Alert:
        """Return the alert of `draft`. No text of an article makes it fail; raises ConfigError where a packaged
        template cannot be used."""
        recipient, phrase = draft.recipient, self._phrase(draft.recipient)
        if draft.type is AlertType.SYSTEM:
            shown = notices.of_draft(draft, phrase)
            return self._notice(shown, draft.id, recipient=recipient, now=draft.created_at, key=draft.id)
        view = views.view(draft, phrase)
        # A test is about no story, though it shows one.
        story_id = draft.story.id if draft.story and draft.type is not AlertType.TEST else None
        alert = Alert(
            draft.id, draft.type, draft.rule.id, recipient.id, recipient.channel, view.subject,
            body="", data=records.record(draft), created_at=draft.created_at, story_id=story_id,
        )  # fmt: skip
        values = {"alert": view, **self._links(alert)}
        thread = Thread(story_id, draft.type is AlertType.DETECTED) if story_id else None
        return self._finished("alert", alert, recipient, values, thread)

    def compose_digest(
        self,
        alerts: Sequence[Alert],
        *,
        rule: Rule,
        recipient: Recipient,
        now: datetime,
        reason: Hold = Hold.BACKLOG,
    ) -> Alert:
        """Return one alert that stands for `alerts`, its stories the biggest first; its id follows from theirs.
        `reason` is what held them."""
        phrase = self._phrase(recipient)
        digest_id = text.digest("digest", *sorted(alert.id for alert in alerts), recipient.id)
        view = digests.view(alerts, rule, phrase, reason)
        alert = Alert(
            digest_id, AlertType.DIGEST, rule.id, recipient.id, recipient.channel, view.subject,
            body="", data=records.digest_record(digests.ordered(alerts), digest_id), created_at=now,
        )  # fmt: skip
        values = {"digest": view, **self._links(alert)}
        return self._finished("digest", alert, recipient, values)

    def compose_system(
        self,
        *,
        title: str,
        lines: Sequence[notices.Line],
        recipient: Recipient,
        now: datetime,
        key: str,
        healed: bool = False,
    ) -> Alert:
        """Return a service notice, or its all-clear where `healed`.

        `title` says in the recipient's language what is wrong. `lines` are texts, or pairs of a label and a text:
        "what", "since", "until", "cause" and "advice" become words of that language. `key` names the trouble: the id
        follows from it, from `healed` and from the recipient, and mails of one key stand in one thread.
        """
        phrase = self._phrase(recipient)
        shown = notices.notice(title, lines, phrase, healed=healed)
        state = "cleared" if healed else "raised"
        alert_id = text.digest("system", key, state, recipient.channel.value, recipient.id)
        return self._notice(shown, alert_id, recipient=recipient, now=now, key=key)

    def _notice(self, shown: notices.Notice, alert_id: str, *, recipient: Recipient, now: datetime, key: str) -> Alert:
        phrase = self._phrase(recipient)
        alert = Alert(
            alert_id, AlertType.SYSTEM, _SYSTEM_RULE, recipient.id, recipient.channel, shown.subject,
            body="", data=notices.record(shown, alert_id, key=key, colon=phrase("colon")), created_at=now,
        )  # fmt: skip
        values = {"notice": shown, **self._links(alert)}
        thread = Thread(text.digest("system", key), not shown.healed)
        return self._finished("system", alert, recipient, values, thread)

    def _phrase(self, recipient: Recipient) -> Phrases:
        return Phrases(recipient.language or self._language)

    def _links(self, alert: Alert) -> dict[str, str]:
        """Return the addresses by which a reader ends the story's alerts or the rule's, "" where there are none."""
        if alert.type is AlertType.TEST:
            return {"mute": "", "unsubscribe": ""}
        links = self._letterhead.links
        mute = links.mute(alert.story_id, alert.recipient_id).best if alert.story_id else ""
        return {"mute": mute, "unsubscribe": links.unsubscribe(alert.rule_id, alert.recipient_id).best}

    def _finished(
        self, name: str, alert: Alert, recipient: Recipient, values: Mapping[str, Any], thread: Thread | None = None
    ) -> Alert:
        """Return `alert`, which has no body yet, with one in the form of its channel."""

        def filled(form: str) -> str:
            return self._templates.render(f"{name}.{form}.j2", self._phrase(recipient), values)

        if alert.channel is ChannelKind.WEBHOOK:
            stamp = records.stamp(alert.created_at)
            body = records.dump({"type": alert.type.value, "timestamp": stamp, "data": alert.data})
        elif alert.channel is ChannelKind.CONSOLE:
            body = filled("console.txt")
        elif alert.channel is ChannelKind.CHAT:
            return replace(alert, subject=chats.harmless(alert.subject), body=chats.fitted(filled("chat.txt")))
        else:
            plain, html = filled("txt"), filled("html")
            body = mail.message(
                alert, recipient, plain=plain, html=html, letterhead=self._letterhead, thread=thread
            )  # fmt: skip
        return replace(alert, body=body)
