"""What alerts say, in every form, whatever the articles say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import (
    CHIPS,
    LOOP,
    NOW,
    RENT,
    RULE,
    STAKE,
    STORY_ID,
    checked,
    draft,
    html,
    parsed,
    plain,
    story,
)
from worker import text
from worker.errors import ConfigError
from worker.model import (
    Alert,
    AlertType,
    Bound,
    Change,
    ChangeKind,
    ChannelKind,
    Flow,
    Kind,
    Recipient,
    Status,
)
from worker.pipeline.messages import Templates, figures
from worker.pipeline.messages.phrases import Phrases

MESSAGES = samples.messages()
AMOUNT = Change(
    ChangeKind.AMOUNT, STORY_ID, 2, RENT, {"amount": 20e9, "currency": "USD"}, {"amount": 30e9, "currency": "USD"}
)
CLOSED = Change(ChangeKind.LOOP_CLOSED, STORY_ID, 2, loop=LOOP)


def plain_figure(value: str) -> str:
    return value.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("amount", "currency", "french", "english"),
    [
        (30e9, "USD", "30 Md$", "$30bn"),
        (8.5e9, "EUR", "8,5 Md€", "€8.5bn"),
        (500e6, "EUR", "500 M€", "€500m"),
        (1.4e12, "USD", "1 400 Md$", "$1.4tn"),
        (999_999_999.0, "USD", "1 Md$", "$1bn"),
        (750_000.0, "GBP", "750 000 £", "£750,000"),
        (3e9, "AED", "3 Md AED", "AED 3bn"),
        (12_340_000_000.0, "USD", "12,34 Md$", "$12.34bn"),
        (2e6, None, "2 M", "2m"),
    ],
)
def test_money_reads_as_the_press_writes_it(amount: float, currency: str | None, french: str, english: str) -> None:
    assert plain_figure(figures.money(amount, currency, "fr")) == french
    assert plain_figure(figures.money(amount, currency, "en")) == english


@pytest.mark.parametrize(
    ("flow", "french", "english"),
    [
        (RENT, "Nivalis → Hélianthe : 30 Md$ de capacité de calcul (annoncé)",
         "Nivalis → Hélianthe: $30bn of computing capacity (announced)"),
        (STAKE, "Hélianthe → Nivalis : jusqu’à 8,5 Md€ investis au capital (annoncé)",
         "Hélianthe → Nivalis: up to €8.5bn equity investment (announced)"),
        (CHIPS, "Nivalis → Orvane : 18 000 puces (en option)", "Nivalis → Orvane: 18,000 chips (option)"),
        (Flow("Nivalis", None, Kind.SITE, megawatts=400, bound=Bound.ABOUT),
         "Nivalis : environ 400 MW pour des centres de données (annoncé)",
         "Nivalis: about 400 MW for data centres (announced)"),
        (Flow("Nivalis", "Orvane", Kind.POWER, megawatts=1200, status=Status.REPORTED),
         "Nivalis → Orvane : 1,2 GW d’électricité (selon la presse)", "Nivalis → Orvane: 1.2 GW of power (reported)"),
        (Flow("Nivalis", "Orvane", Kind.PARTNERSHIP), "Nivalis ↔ Orvane : partenariat (annoncé)",
         "Nivalis ↔ Orvane: partnership (announced)"),
        (Flow(None, None, Kind.ACQUISITION), "non nommé : rachat (annoncé)", "not named: acquisition (announced)"),
    ],
)  # fmt: skip
def test_a_subject_leads_with_parties_amount_and_kind(flow: Flow, french: str, english: str) -> None:
    assert MESSAGES.compose(draft(of=story(flow))).subject == french
    assert MESSAGES.compose(draft(of=story(flow), language="en")).subject == english


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_status_and_bound_has_its_words(kind: Kind, language: str) -> None:
    for status in Status:
        for bound in Bound:
            flow = Flow("A", "B", kind, 1e9, "USD", 1, 1, 1, bound, status)
            line = figures.line(flow, Phrases(language))
            assert kind.value == "chips" or "{" not in line
            assert "A" in line


def test_the_biggest_flow_leads_whatever_its_currency_and_firm_money_before_the_rest() -> None:
    yen = replace(STAKE, amount=90e9, currency="JPY")
    off = replace(RENT, payer="Orvane", amount=99e9, status=Status.CANCELLED)
    tie = Flow("Nivalis", "Orvane", Kind.PARTNERSHIP, 99e9, "USD")
    assert MESSAGES.compose(draft(of=story(yen, off, tie, RENT))).subject.startswith("Nivalis → Hélianthe : 30 Md$")


def test_subjects_say_what_happened() -> None:
    both = story(RENT, STAKE, CHIPS)
    cancelled = replace(RENT, status=Status.CANCELLED)

    def subject(kind: AlertType, *changes: Change, of: Any = both) -> str:
        return MESSAGES.compose(draft(kind, of=of, changes=changes)).subject

    rent = "Nivalis → Hélianthe : 30 Md$ de capacité de calcul (annoncé) + 2 flux"
    assert subject(AlertType.DETECTED, Change(ChangeKind.NEW_STORY, STORY_ID, 1)) == rent
    assert (
        subject(AlertType.DETECTED, Change(ChangeKind.NEW_STORY, STORY_ID, 1), CLOSED) == f"{rent}, referme une boucle"
    )
    assert subject(AlertType.UPDATED, AMOUNT) == f"Mise à jour : {rent}"
    newer = "Mise à jour : Nivalis → Orvane : 18 000 puces (en option) + 2 flux"
    assert subject(AlertType.UPDATED, Change(ChangeKind.NEW_FLOW, STORY_ID, 2, CHIPS)) == newer
    off = Change(ChangeKind.CANCELLED, STORY_ID, 3, cancelled)
    assert subject(AlertType.CANCELLED, off, of=story(cancelled)) == (
        "Annulé : Nivalis → Hélianthe : 30 Md$ de capacité de calcul"
    )
    assert subject(AlertType.LOOP, CLOSED) == "Boucle : Hélianthe → Nivalis → Hélianthe"


def test_a_mail_has_its_parts_in_order() -> None:
    changes = (AMOUNT, CLOSED)
    alert = MESSAGES.compose(draft(AlertType.UPDATED, of=story(RENT, STAKE, CHIPS, loops=(LOOP,)), changes=changes))
    mail = parsed(alert.body)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    written = plain(mail)
    in_order = [
        "Mise à jour : Nivalis → Hélianthe : 30 Md$ de capacité de calcul (annoncé)",
        "Montant revu : 20 Md$ → 30 Md$ (Nivalis → Hélianthe, capacité de calcul)",
        "Boucle aux termes revus : Hélianthe → Nivalis → Hélianthe",
        "↓ jusqu’à 8,5 Md€ investis au capital (annoncé, 2 mars 2026, Gazette Tech)",
        "retour à Hélianthe",
        "Nivalis → Hélianthe : 30 Md$ de capacité de calcul, 1,2 GW · 5 ans, annoncé",
        "Nivalis → Orvane : 18 000 puces, en option",
        "sur 5 ans & plus",
        "https://courrier.example/a2?x=1&y=2",
        "Seul le texte du flux a pu être lu (réservé aux abonnés).",
        "https://www.gazette.example/a1",
        "Pourquoi cette alerte : règle « milliards »",
        "gigawatch 9.9.9",
    ]
    places = [written.index(line) for line in in_order]
    assert places == sorted(places)
    assert written.splitlines()[0] == in_order[0]


def test_the_page_marks_the_figure_and_links_the_sources() -> None:
    page = BeautifulSoup(html(parsed(MESSAGES.compose(draft(of=story(RENT, STAKE))).body)), "lxml")
    assert [mark.get_text() for mark in page.find_all("strong")] == ["30 milliards de dollars"]
    links = {str(link["href"]): link.get_text() for link in page.select("a:not(.act)")}
    assert links == {
        "https://www.gazette.example/a1": "Nivalis choisit Hélianthe",
        "https://courrier.example/a2?x=1&y=2": "Le contrat <caché>",
    }
    shown = page.get_text(" ")
    assert "gazette.example" in shown
    assert not page.find_all(["img", "script", "link", "form", "iframe"])
    assert "url(" not in str(page)


@pytest.mark.parametrize(
    ("kind", "before", "after", "line"),
    [
        (ChangeKind.AMOUNT, {"amount": None}, {"amount": 3e10, "currency": "USD", "bound": "up_to"},
         "Montant désormais connu : jusqu’à 30 Md$ (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.AMOUNT, {"amount": 2e10, "currency": "USD", "megawatts": 1200.0, "bound": "exact"},
         {"amount": 3e10, "currency": "USD", "megawatts": 1200.0, "bound": "exact"},
         "Montant revu : 20 Md$ → 30 Md$ (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.AMOUNT, {"amount": 3e10, "megawatts": 400.0}, {"amount": 3e10, "megawatts": 1200.0},
         "Puissance revue : 400 MW → 1,2 GW (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.AMOUNT, {"amount": None, "megawatts": None, "bound": "exact"},
         {"amount": None, "megawatts": 400.0, "bound": "at_least"},
         "Puissance désormais connue : au moins 400 MW (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.STATUS, {"status": "reported"}, {"status": "announced"},
         "Confirmé : selon la presse → annoncé (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.STATUS, {"status": "option"}, {"status": "announced"},
         "Option levée : en option → annoncé (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.STATUS, {"status": "cancelled"}, {"status": "announced"},
         "Relancé : annulé → annoncé (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.STATUS, {"status": "announced"}, {"status": "reported"},
         "Nouveau statut : annoncé → selon la presse (Nivalis → Hélianthe, capacité de calcul)"),
        (ChangeKind.STATUS, {}, {}, "Nouveau statut : Nivalis → Hélianthe, capacité de calcul"),
        (ChangeKind.NEW_FLOW, {}, {}, "Nouveau flux : Nivalis → Hélianthe : 30 Md$ de capacité de calcul"),
    ],
)  # fmt: skip
def test_a_change_is_told_with_what_was_before(
    kind: ChangeKind, before: dict[str, Any], after: dict[str, Any], line: str
) -> None:
    change = Change(kind, STORY_ID, 2, RENT, before, after)
    written = plain(parsed(MESSAGES.compose(draft(AlertType.UPDATED, changes=(change,))).body))
    assert f"  - {line}\n" in written


def test_english_readers_get_english() -> None:
    mail = parsed(MESSAGES.compose(draft(AlertType.UPDATED, changes=(AMOUNT,), language="en")).body)
    assert "Amount revised: $20bn → $30bn" in plain(mail)
    assert 'lang="en"' in html(mail)
    assert "Les heures" not in plain(mail)


def test_headers_are_stable_and_thread_the_story() -> None:
    first = parsed(MESSAGES.compose(draft()).body)
    later = draft(AlertType.UPDATED, changes=(AMOUNT,), id="b2" * 16, created_at=NOW + timedelta(days=1))
    second = parsed(MESSAGES.compose(later).body)
    assert MESSAGES.compose(later).body == samples.messages().compose(later).body
    assert first["Message-ID"] == f"<{'a1' * 16}@gw.example>"
    assert second["Message-ID"] == f"<{'b2' * 16}@gw.example>"
    root = f"<{STORY_ID}.desk@gw.example>"
    assert (first["References"], first["In-Reply-To"]) == (root, None)
    assert (second["References"], second["In-Reply-To"]) == (root, root)
    assert first["Date"].datetime == NOW
    assert first["To"].addresses[0].addr_spec == "desk@gw.example"
    assert first["From"].addresses[0].addr_spec == "veille@gw.example"
    assert first["List-Id"] == "gigawatch <milliards.gigawatch.gw.example>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert (first["X-Gigawatch-Story"], first["X-Gigawatch-Rule"]) == (STORY_ID, "milliards")
    assert (first["X-Gigawatch-Kind"], second["X-Gigawatch-Kind"]) == ("deal.detected", "deal.updated")


def test_long_identifiers_stay_whole() -> None:
    recipient = Recipient("r" * 90, ChannelKind.EMAIL, "desk@gw.example")
    body = samples.messages(domain=f"{'d' * 60}.example").compose(draft(recipient=recipient)).body
    assert f"References: <{STORY_ID}.{'r' * 90}@{'d' * 60}.example>\r\n" in body


def test_a_webhook_body_is_the_alerts_data_in_a_frame() -> None:
    whole = story(RENT, STAKE, CHIPS, loops=(LOOP,))
    alert = MESSAGES.compose(draft(AlertType.UPDATED, of=whole, changes=(AMOUNT, CLOSED), channel=ChannelKind.WEBHOOK))
    content = checked(alert.body)
    assert (content["type"], content["timestamp"]) == ("deal.updated", "2026-03-02T13:02:00Z")
    data = content["data"]
    assert data == alert.data
    assert data["id"] == alert.id
    assert data["flows"][0]["amount"] == 30_000_000_000
    assert data["flows"][0]["evidence"][0]["quote"] == "30 milliards de dollars"
    assert [change["kind"] for change in data["changes"]] == ["amount", "loop_closed"]
    assert data["changes"][0]["before"] == {"amount": 20_000_000_000, "currency": "USD"}
    assert data["loops"][0]["edges"][0]["payer"] == "Hélianthe"
    assert [source["url"] for source in data["sources"]] == [source.url for source in samples.SOURCES]
    assert "truncated" not in data
    mail = MESSAGES.compose(draft(AlertType.UPDATED, of=whole, changes=(AMOUNT, CLOSED)))
    assert mail.data == alert.data


def test_a_body_that_grows_too_large_loses_its_evidence_first() -> None:
    long = "é" * 900
    proofs = tuple(samples.proof(field, long, long) for field in ("payer", "amount", "kind", "status"))
    few = [replace(RENT, payer=f"P{number}", evidence=proofs) for number in range(6)]
    data = checked(MESSAGES.compose(draft(of=story(*few), channel=ChannelKind.WEBHOOK)).body)["data"]
    assert data["truncated"] is True
    assert len(data["flows"]) == 6
    assert [one["field"] for flow in data["flows"] for one in flow["evidence"]] in ([], ["amount"] * 6)
    many = [replace(RENT, payer=f"{number}" + "n" * 190, evidence=proofs) for number in range(200)]
    sources = tuple(replace(samples.SOURCES[0], url=f"https://a.example/{i}/{'p' * 1500}") for i in range(50))
    body = MESSAGES.compose(draft(of=story(*many, sources=sources), channel=ChannelKind.WEBHOOK)).body
    assert len(body.encode("utf-8")) < 20_000
    assert checked(body)["data"]["flows"]


def test_numbers_that_json_has_not_become_null() -> None:
    flow = replace(RENT, amount=float("nan"), megawatts=float("inf"))
    alert = MESSAGES.compose(draft(of=story(flow), channel=ChannelKind.WEBHOOK))
    assert checked(alert.body)["data"]["flows"][0]["amount"] is None
    assert "nan" not in MESSAGES.compose(draft(of=story(flow))).body.casefold()


def test_the_console_gets_a_few_plain_lines() -> None:
    body = MESSAGES.compose(draft(of=story(RENT, STAKE), channel=ChannelKind.CONSOLE)).body
    lines = body.splitlines()
    assert lines[0] == "Nivalis → Hélianthe : 30 Md$ de capacité de calcul (annoncé) + 1 flux"
    assert "https://www.gazette.example/a1" in body
    assert len(lines) <= 6


@pytest.mark.parametrize("channel", list(ChannelKind))
def test_a_test_needs_no_story(channel: ChannelKind) -> None:
    notice = replace(draft(AlertType.TEST, changes=(), channel=channel, message="Tout va bien.\nVraiment."), story=None)
    alert = MESSAGES.compose(notice)
    assert alert.story_id is None
    if channel is ChannelKind.EMAIL:
        mail = parsed(alert.body)
        assert "Tout va bien.\nVraiment." in plain(mail)
        assert "References" not in mail
    else:
        assert "Tout va bien." in alert.body
    if channel is ChannelKind.WEBHOOK:
        assert checked(alert.body)["data"]["message"] == "Tout va bien.\nVraiment."


def parts(channel: ChannelKind, count: int = 3) -> list[Alert]:
    """Alerts of `count` stories of growing size, and an update of the first."""
    found = []
    for number in range(count):
        flow = replace(RENT, amount=(number + 1) * 1e9, payer=f"Payeur {number}")
        source = replace(samples.SOURCES[0], url=f"https://gazette.example/{number}")
        whole = story(flow, id=f"s{number}", sources=(source,))
        found.append(MESSAGES.compose(draft(of=whole, id=f"{number:032x}", channel=channel)))
    again = story(replace(RENT, amount=1e9, payer="Payeur 0"), id="s0", loops=(LOOP,))
    closing = draft(AlertType.LOOP, of=again, changes=(CLOSED,), channel=channel, id="f" * 32)
    found.append(MESSAGES.compose(replace(closing, created_at=NOW + timedelta(minutes=1))))
    return found


def test_a_digest_tells_each_story_once_the_biggest_first() -> None:
    recipient = Recipient("desk", ChannelKind.EMAIL, "desk@gw.example")
    alerts = parts(ChannelKind.EMAIL)
    digest = MESSAGES.compose_digest(alerts, rule=RULE, recipient=recipient, now=NOW)
    assert digest.subject == "3 opérations relevées : Payeur 2 → Hélianthe, 3 Md$ de capacité de calcul"
    assert digest.type is AlertType.DIGEST
    assert digest.id == text.digest("digest", *sorted(alert.id for alert in alerts), "desk")
    shuffled = MESSAGES.compose_digest(alerts[::-1], rule=RULE, recipient=recipient, now=NOW)
    assert shuffled == digest
    mail = parsed(digest.body)
    assert mail["X-Gigawatch-Kind"] == "digest"
    written = plain(mail)
    names = re.findall(r"^Payeur (\d) →", written, flags=re.MULTILINE)
    assert names == ["2", "1", "0"]
    assert written.count("Boucle d’argent") == 1
    for link in ("https://gazette.example/1", "https://gazette.example/2", "https://www.gazette.example/a1"):
        assert link in written
        assert link in html(mail)


def test_a_digest_for_machines_fits_and_is_valid() -> None:
    recipient = Recipient("crm", ChannelKind.WEBHOOK, "https://crm.example/")
    small = MESSAGES.compose_digest(parts(ChannelKind.WEBHOOK), rule=RULE, recipient=recipient, now=NOW)
    data = checked(small.body)["data"]
    assert [one["story"]["id"] for one in data["alerts"]] == ["s2", "s1", "s0", "s0"]
    assert [one["type"] for one in data["alerts"]][2:] == ["deal.detected", "loop.closed"]
    assert data["alerts"][0]["sources"][0]["url"] == "https://gazette.example/2"
    large = MESSAGES.compose_digest(parts(ChannelKind.WEBHOOK, 90), rule=RULE, recipient=recipient, now=NOW)
    assert len(large.body.encode("utf-8")) < 20_000
    data = checked(large.body)["data"]
    assert data["truncated"] is True
    assert data["alerts"][0]["story"]["id"] == "s89"


@pytest.mark.parametrize("broken", ["{{ nothing_of_that_name }}", "{% if %}", "{{ alert.subject.__class__.mro() }}"])
def test_a_template_that_cannot_be_used_is_a_fault_with_its_name(broken: str) -> None:
    wrong = samples.messages(templates=Templates({"alert.console.txt.j2": broken}, product=""))
    with pytest.raises(ConfigError, match=r"templates/alert\.console\.txt\.j2"):
        wrong.compose(draft(channel=ChannelKind.CONSOLE))
    with pytest.raises(ConfigError, match=r"templates/alert\.txt\.j2"):
        samples.messages(templates=Templates({}, product="")).compose(draft())
