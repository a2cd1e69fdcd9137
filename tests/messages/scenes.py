"""Invented mails for the eye: one of each sort, with the long names and large figures that break a layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from tests.pipeline.message_samples import NOW, RULE, STORY_ID, messages, proof
from worker.model import (
    Alert,
    AlertType,
    Bound,
    Cause,
    Change,
    ChangeKind,
    ChannelKind,
    Draft,
    Edge,
    Flow,
    Kind,
    Loop,
    Recipient,
    Source,
    Status,
    Story,
    StoryFlow,
)
from worker.pipeline.messages import sample

MESSAGES = messages()
_RENTED = (
    "La jeune pousse Nivalis louera à Hélianthe Cloud pour 30 milliards de dollars de serveurs sur cinq ans, "
    "soit 1,2 gigawatt de puissance, ont annoncé lundi les deux entreprises."
)
_INVESTED = "En retour, Hélianthe Cloud pourrait investir jusqu’à 8,5 milliards d’euros au capital de Nivalis."
_ORDERED = "Hélianthe Cloud a commandé 180 000 accélérateurs à Orvane Semiconducteurs pour 11,4 milliards de dollars."

RENT = Flow(
    "Nivalis", "Hélianthe Cloud", Kind.COMPUTE, 30e9, "USD", 1200, None, 5,
    evidence=(proof("amount", "30 milliards de dollars", _RENTED), proof("megawatts", "1,2 gigawatt", _RENTED)),
)  # fmt: skip
STAKE = Flow(
    "Hélianthe Cloud", "Nivalis", Kind.EQUITY, 8.5e9, "EUR", bound=Bound.UP_TO, status=Status.REPORTED,
    evidence=(proof("amount", "jusqu’à 8,5 milliards d’euros", _INVESTED),),
)  # fmt: skip
CHIPS = Flow(
    "Hélianthe Cloud", "Orvane Semiconducteurs", Kind.CHIPS, 11.4e9, "USD", chips=180_000,
    evidence=(proof("amount", "11,4 milliards de dollars", _ORDERED),),
)  # fmt: skip
SITE = Flow("Hélianthe Cloud", "Compagnie foncière du Haut-Plateau", Kind.SITE, megawatts=400, status=Status.OPTION)
BACK = Flow("Orvane Semiconducteurs", "Nivalis", Kind.EQUITY, 2.5e9, "USD", bound=Bound.ABOUT)
SOURCES = (
    Source("a1", "Nivalis choisit Hélianthe pour héberger ses modèles", "https://www.gazette.example/nivalis-helianthe",
           "Gazette Tech", "Gazette", NOW - timedelta(hours=3), NOW),
    Source("a2", "30 milliards de dollars : le contrat qui change l’échelle du calcul en Europe",
           "https://courrier.example/eco/nivalis?x=1&y=2", "Le Courrier", "Courrier",
           NOW - timedelta(hours=1), NOW, "feed", Cause.PAYWALL),
)  # fmt: skip


def _story(*flows: Flow, **changed: object) -> Story:
    held = tuple(StoryFlow(flow, "a1", "Gazette Tech", NOW) for flow in flows)
    whole = Story(
        STORY_ID, SOURCES[0].title, 1, Status.ANNOUNCED, held, flows[:1], SOURCES, NOW - timedelta(hours=3), NOW
    )
    return replace(whole, **changed)  # type: ignore[arg-type]


def _edge(flow: Flow, days: int, source: str) -> Edge:
    return Edge(
        flow.payer or "", flow.payee or "", flow.kind, flow.amount, flow.currency, flow.status, flow.bound, STORY_ID,
        NOW - timedelta(days=days), source,
    )  # fmt: skip


LOOP = Loop("1f" * 16, (_edge(RENT, 41, "Gazette Tech"), _edge(CHIPS, 12, "Le Courrier"), _edge(BACK, 0, "Le Fil")))


def _draft(kind: AlertType, language: str, of: Story | None, *changes: Change, alert_id: str = "a1" * 16) -> Draft:
    recipient = Recipient("desk", ChannelKind.EMAIL, "desk@gw.example", language)
    why = {
        "fr": "règle « milliards » : nature calcul ou puces, montant ≥ 1 Md$",
        "en": "rule “milliards”: kind compute or chips, amount ≥ $1bn",
    }
    return Draft(alert_id, kind, RULE, recipient, (why[language],), NOW, of, changes)


def mails(language: str) -> Mapping[str, Alert]:
    """Return a mail of each sort in `language`, by name."""
    revised = Change(
        ChangeKind.AMOUNT, STORY_ID, 2, RENT,
        {"amount": 22e9, "currency": "USD"}, {"amount": 30e9, "currency": "USD"},
    )  # fmt: skip
    firm = Change(ChangeKind.STATUS, STORY_ID, 2, RENT, {"status": "reported"}, {"status": "announced"})
    fresh = Change(ChangeKind.NEW_FLOW, STORY_ID, 2, STAKE)
    closed = Change(ChangeKind.LOOP_CLOSED, STORY_ID, 3, loop=LOOP)
    new = Change(ChangeKind.NEW_STORY, STORY_ID, 1)
    off = replace(RENT, status=Status.CANCELLED)
    drafts = {
        "new": _draft(AlertType.DETECTED, language, _story(RENT, CHIPS, STAKE, SITE), new),
        "single": _draft(AlertType.DETECTED, language, _story(CHIPS), new),
        "update": _draft(AlertType.UPDATED, language, _story(RENT, STAKE, CHIPS), revised, firm, fresh),
        "cancelled": _draft(
            AlertType.CANCELLED, language, _story(off, STAKE), Change(ChangeKind.CANCELLED, STORY_ID, 3, off)
        ),
        "loop": _draft(AlertType.LOOP, language, _story(RENT, BACK, loops=(LOOP,)), closed),
    }
    found = {name: MESSAGES.compose(draft) for name, draft in drafts.items()}
    found["test"] = MESSAGES.compose(sample.draft(drafts["new"].recipient, NOW, language))
    found["digest"] = _digest(language)
    for name, healed in (("system", False), ("healed", True)):
        title, lines = _TROUBLE[language][healed]
        found[name] = MESSAGES.compose_system(
            title=title, lines=lines, recipient=drafts["new"].recipient, now=NOW, key="feed:lemag", healed=healed
        )
    return found


def _digest(language: str) -> Alert:
    stories = [
        _story(RENT, CHIPS, STAKE, id="s1", loops=(LOOP,)),
        _story(replace(CHIPS, payer="Compagnie foncière du Haut-Plateau"), id="s2"),
        _story(
            Flow("Caisse de prévoyance des ingénieurs", None, Kind.DEBT, 750e6, "EUR", bound=Bound.AT_LEAST), id="s3"
        ),
        _story(SITE, id="s4", sources=()),
        _story(Flow("Nivalis", "Institut Boréal", Kind.PARTNERSHIP, status=Status.REPORTED), id="s5"),
    ]
    new = Change(ChangeKind.NEW_STORY, STORY_ID, 1)
    alerts = [
        MESSAGES.compose(_draft(AlertType.DETECTED, language, one, new, alert_id=f"{number:032x}"))
        for number, one in enumerate(stories)
    ]
    recipient = Recipient("desk", ChannelKind.EMAIL, "desk@gw.example", language)
    return MESSAGES.compose_digest(alerts, rule=RULE, recipient=recipient, now=NOW)


_TROUBLE: Mapping[str, Mapping[bool, tuple[str, tuple[tuple[str, str], ...]]]] = {
    "fr": {
        False: (
            "Le Mag de l’Infra ne donne plus d’articles",
            (
                ("what", "Aucun article nouveau depuis 9 jours ; ce flux en donne d’ordinaire trois par jour."),
                ("since", "21 févr. 2026, 07:40"),
                ("cause", "L’adresse répond 404 (page introuvable)."),
                (
                    "advice",
                    "Essayez « gigawatch feeds discover https://mag.example » pour trouver la nouvelle adresse.",
                ),
            ),
        ),
        True: (
            "Le Mag de l’Infra donne de nouveau des articles",
            (("since", "21 févr. 2026, 07:40"), ("until", "2 mars 2026, 13:02")),
        ),
    },
    "en": {
        False: (
            "Le Mag de l’Infra brings no articles any more",
            (
                ("what", "No new article for 9 days; this feed usually brings three a day."),
                ("since", "21 Feb 2026, 07:40"),
                ("cause", "The address answers 404 (not found)."),
                ("advice", "Try “gigawatch feeds discover https://mag.example” to find the new address."),
            ),
        ),
        True: (
            "Le Mag de l’Infra brings articles again",
            (("since", "21 Feb 2026, 07:40"), ("until", "2 Mar 2026, 13:02")),
        ),
    },
}
