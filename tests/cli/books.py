"""A small store with the flows, loops and oddities that the commands about money must show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from worker.adapters.store import Store
from worker.model import (
    Bound,
    Change,
    ChangeKind,
    Evidence,
    Flow,
    Kind,
    Loop,
    Source,
    Span,
    Status,
    Story,
    StoryFlow,
)
from worker.pipeline import loops

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FORMULA = '=HYPERLINK("https://mal.example";"gratuit")'


def story(name: str, *flows: Flow, day: datetime, title: str = "", source: str = "Gazette") -> Story:
    """Return a story of one article, published on `day`."""
    proved = tuple(replace(flow, evidence=(_proof(flow),)) for flow in flows)
    told = Source(
        name, title or name, f"https://presse.example/{name}", source, "presse", day, day + timedelta(hours=1)
    )
    return Story(
        id=name, title=title or name, version=1, status=proved[0].status,
        flows=tuple(StoryFlow(flow, name, source, told.seen_at) for flow in proved), founding=flows, sources=(told,),
        opened_at=told.seen_at, updated_at=told.seen_at,
    )  # fmt: skip


def _proof(flow: Flow) -> Evidence:
    sentence = f"{flow.payer} paie {flow.payee}, “c’est signé”."
    return Evidence("amount", Span("text", 0, 4), "paie", sentence, Span("text", 0, len(sentence)))


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, 8, tzinfo=UTC)


STAKE = Flow("NVIDIA", "OpenAI", Kind.EQUITY, 100e9, "USD", bound=Bound.UP_TO)
RENT = Flow("OpenAI", "Oracle", Kind.COMPUTE, 300e9, "USD", megawatts=4500, years=5)
CHIPS = Flow("Oracle", "NVIDIA", Kind.CHIPS, 40e9, "USD", chips=400_000)
STORIES = (
    story("stake", STAKE, day=day(2025, 9, 22), title="Nvidia entre au capital d’OpenAI", source="Les Nouvelles"),
    story("rent", RENT, day=day(2025, 10, 10), title="OpenAI loue chez Oracle"),
    story("chips", CHIPS, day=day(2025, 11, 12), title="Oracle achète des puces"),
    story("euro", Flow("Mistral AI", "NVIDIA", Kind.CHIPS, 1.5e9, "EUR"), day=day(2026, 1, 5), title=FORMULA),
    story(
        "mixed",
        Flow("Google Cloud", "NVIDIA", Kind.CHIPS, 6e9, "USD", status=Status.REPORTED),
        Flow("Google", "NVIDIA", Kind.CHIPS, 2e9, "USD", status=Status.OPTION),
        Flow("Google", "NVIDIA", Kind.CHIPS, 9e9, "USD", status=Status.CANCELLED),
        Flow("Google", "NVIDIA", Kind.PARTNERSHIP),
        day=day(2026, 2, 3),
    ),
    story("bare", Flow("-Étoile Calcul", "NVIDIA", Kind.CHIPS, chips=18_000), day=day(2026, 2, 20)),
    story("nameless", Flow(None, "Granit Énergie", Kind.POWER, 3.5e6, "CHF"), day=day(2026, 2, 21)),
)  # fmt: skip


def fill(store: Store, stories: tuple[Story, ...] = STORIES) -> Loop:
    """Save the stories with their ledger; the loop is told by the story of the chips. Returns the loop."""
    edges = [edge for one in stories for edge in loops.edges(one)]
    (loop,) = loops.closed(edges, [edge for edge in edges if edge.story_id == "chips"])
    for one in stories:
        closing = (Change(ChangeKind.LOOP_CLOSED, "chips", 1, loop=loop),) if one.id == "chips" else ()
        with store.filing(one.updated_at) as filing:
            filing.save_story(one, article_id=one.id, changes=closing, edges=loops.edges(one))
    return loop


def cancel(store: Store) -> None:
    """Call off the lease of the loop."""
    before = next(one for one in STORIES if one.id == "rent")
    gone = replace(RENT, status=Status.CANCELLED)
    after = replace(
        before, version=2, updated_at=NOW, status=Status.CANCELLED,
        flows=tuple(replace(held, flow=replace(held.flow, status=Status.CANCELLED)) for held in before.flows),
    )  # fmt: skip
    change = Change(ChangeKind.CANCELLED, "rent", 2, flow=gone)
    with store.filing(NOW) as filing:
        filing.save_story(after, article_id="off", changes=[change], edges=loops.edges(after))
