"""Values with which the tests of the store and of the steps begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from worker.model import (
    Alert,
    AlertType,
    Article,
    ChannelKind,
    Entry,
    Evidence,
    Feed,
    Flow,
    Kind,
    Source,
    Span,
    Status,
    Story,
    StoryFlow,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def feed(feed_id: str = "gazette", url: str = "https://gazette.example/rss") -> Feed:
    return Feed(id=feed_id, name=feed_id.title(), url=url, house="gazette", topics=("tech",))


def entry(guid: str, *, feed_id: str = "gazette", keys: tuple[str, ...] = ()) -> Entry:
    return Entry(
        feed_id=feed_id,
        guid=guid,
        url=f"https://gazette.example/{guid}",
        title=f"Titre {guid}",
        summary="Un résumé",
        content="Un texte plus long",
        published=NOW - timedelta(hours=1),
        keys=keys or (f"u|{guid}",),
    )


def article(name: str = "a1") -> Article:
    return Article(
        id=name,
        title="Nordlys loue un centre",
        summary="",
        text="Nordlys loue.",
        url=f"https://gazette.example/{name}",
        source="Gazette",
        house="gazette",
        published=NOW - timedelta(hours=1),
        fingerprint="00ff",
    )


def flow(payer: str = "Nordlys", payee: str = "Helvia", *, amount: float | None = 2e9) -> Flow:
    proof = Evidence("payer", Span("text", 0, 7), payer, "Nordlys loue.", Span("text", 0, 13))
    return Flow(payer, payee, Kind.COMPUTE, amount, "USD" if amount else None, evidence=(proof,))


def story(name: str = "s1", *, version: int = 1, held: Flow | None = None, at: datetime = NOW) -> Story:
    value = held or flow()
    source = Source("a1", "Nordlys loue un centre", "https://gazette.example/a1", "Gazette", "gazette", NOW, NOW)
    return Story(
        id=name,
        title="Nordlys loue un centre",
        version=version,
        status=Status.ANNOUNCED,
        flows=(StoryFlow(value, "a1", "Gazette", NOW),),
        founding=(value,),
        sources=(source,),
        opened_at=NOW,
        updated_at=at,
        words=frozenset({"loue", "centre"}),
    )


def alert(name: str = "alert-1", *, recipient: str = "desk", at: datetime = NOW) -> Alert:
    return Alert(
        id=name,
        type=AlertType.DETECTED,
        rule_id="tout",
        recipient_id=recipient,
        channel=ChannelKind.CONSOLE,
        subject="Nordlys → Helvia",
        body="corps",
        data={"story": "s1"},
        created_at=at,
    )
