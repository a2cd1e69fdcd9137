"""Made-up articles, flows and stories for the tests of stories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.model import Article, Bound, Flow, Kind, Status, Story, Verdict
from worker.pipeline import stories

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OTHER = "Nouvelle salve norvégienne, cette fois sous les fjords"
TITLE = "Altéa réserve la ferme de serveurs de Borée pour entraîner ses modèles"


def article(name: str, *, hours: float = 0, title: str = TITLE, summary: str = "", body: str = "") -> Article:
    """Return an article published `hours` after NOW."""
    published = NOW + timedelta(hours=hours)
    return Article(name, title, summary, body, url=f"https://presse.example/{name}", source=name, published=published)


def flow(
    payer: str | None = "Altéa", payee: str | None = "Borée", kind: Kind = Kind.COMPUTE, amount: float | None = None,
    **more: Any,
) -> Flow:  # fmt: skip
    """Return a flow, in USD where it has an amount."""
    return Flow(payer, payee, kind, amount=amount, currency="USD" if amount is not None else None, **more)


def tell(
    told: Sequence[Flow], *known: Story, by: Article | None = None, hours: float = 0, name: str = "a"
) -> stories.Filing:
    """File an article that tells `told` into `known`."""
    by = by or article(name, hours=hours)
    return stories.file(by, Verdict(True, 0.9, tuple(told)), known, now=by.published or NOW)


def after(*accounts: Sequence[Flow]) -> stories.Filing:
    """File accounts hour by hour into one story; returns the last filing. Fails where one opens another story."""
    filing = tell(accounts[0], name="a0")
    for hour, told in enumerate(accounts[1:], start=1):
        filing = tell(told, filing.story, hours=hour, name=f"a{hour}")
        assert filing.joined, filing.reasons
    return filing


def kinds(filing: stories.Filing) -> list[str]:
    return [change.kind.value for change in filing.changes]


FIRST = flow(amount=5e9)
RUMOUR = flow(amount=5e9, status=Status.REPORTED)
VAGUE = flow(amount=5e9, bound=Bound.UP_TO)
RIGHT = flow(amount=2e9, status=Status.OPTION)
STAKE = flow("Borée", "Altéa", Kind.EQUITY, 1e9)
