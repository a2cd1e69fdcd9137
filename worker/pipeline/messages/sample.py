"""A made-up deal, told as a test: what a recipient sees who wants to know whether alerts arrive."""

from __future__ import annotations

from datetime import datetime, timedelta

from worker import text
from worker.model import (
    AlertType,
    Bound,
    Change,
    ChangeKind,
    Draft,
    Evidence,
    Flow,
    Kind,
    Recipient,
    Rule,
    Source,
    Span,
    Status,
    Story,
    StoryFlow,
)
from worker.pipeline.messages.phrases import Phrases

_STORY, _ARTICLE = "test", "test-article"
_EARLIER = timedelta(hours=2)
# RFC 2606 keeps this name for examples: nobody's page is linked.
_ADDRESS = "https://gazette.example/nivalis-helianthe"


def draft(recipient: Recipient, now: datetime, language: str) -> Draft:
    """Return a test for `recipient`, in its language or else in `language`; its id is new at each `now`."""
    phrase = Phrases(recipient.language or language)
    return Draft(
        id=text.digest("test", recipient.id, now.isoformat()),
        type=AlertType.TEST,
        rule=Rule("test", (recipient.id,)),
        recipient=recipient,
        why=(phrase("sample.why"),),
        created_at=now,
        story=story(phrase, now),
        changes=(Change(ChangeKind.NEW_STORY, _STORY, 1),),
        message=phrase("sample.message"),
    )


def story(phrase: Phrases, now: datetime) -> Story:
    """Return the made-up deal in the words of `phrase`."""
    sentence, quote = phrase("sample.sentence"), phrase("sample.quote")
    start = sentence.index(quote)
    proof = Evidence(
        "amount", Span("text", start, start + len(quote)), quote, sentence, Span("text", 0, len(sentence))
    )  # fmt: skip
    flows = (
        Flow("Nivalis", "Hélianthe", Kind.COMPUTE, 30e9, "USD", 1200, None, 5, evidence=(proof,)),
        Flow("Hélianthe", "Nivalis", Kind.EQUITY, 8.5e9, "EUR", bound=Bound.UP_TO, status=Status.REPORTED),
    )
    house = phrase("sample.house")
    source = Source(_ARTICLE, phrase("sample.title"), _ADDRESS, house, house, now - _EARLIER, now)
    held = tuple(StoryFlow(flow, _ARTICLE, house, now) for flow in flows)
    return Story(
        _STORY, source.title, 1, Status.ANNOUNCED, held, flows[:1], (source,), opened_at=now, updated_at=now
    )  # fmt: skip
