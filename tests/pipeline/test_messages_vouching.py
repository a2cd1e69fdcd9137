"""What mails and webhooks say of who vouches for a figure, and of a contract that follows another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.pipeline.message_samples import (
    NOW,
    RENT,
    RULE,
    STAKE,
    STORY_ID,
    checked,
    draft,
    html,
    messages,
    parsed,
    plain,
    story,
)
from worker.model import AlertType, Bound, Change, ChangeKind, ChannelKind, Claim, Field, Recipient, Story

MESSAGES = messages()
THREE = ("Gazette", "Courrier", "Écho")


def claim(value: float | str, *houses: str, **more: Any) -> Claim:
    return Claim(value, houses, "a1", f"{houses[0]} en ligne", NOW - timedelta(hours=2), **more)


AMOUNT = Field("amount", (claim(30e9, *THREE, currency="USD"), claim(38e9, "Dépêche", currency="USD")), True)
YEARS = Field("years", (claim(5.0, "Gazette"),))
STATUS = Field("status", (claim("cancelled", "Gazette"), claim("announced", "Courrier")), True)


def told(*fields: Field, **changed: Any) -> Story:
    whole = story(RENT, STAKE, **changed)
    return replace(whole, flows=(replace(whole.flows[0], fields=fields), whole.flows[1]))


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (
            "fr",
            "Nivalis → Hélianthe, montant : 30 Md$ selon trois titres (Gazette, Courrier, Écho), "
            "38 Md$ selon un seul (Dépêche)",
        ),
        (
            "en",
            "Nivalis → Hélianthe, amount: $30bn according to three outlets (Gazette, Courrier, Écho), "
            "$38bn according to one (Dépêche)",
        ),
    ],
)
def test_a_mail_says_who_disagrees_in_one_line(language: str, line: str) -> None:
    mail = parsed(MESSAGES.compose(draft(of=told(AMOUNT, YEARS), language=language)).body)
    lines = [one.strip() for one in plain(mail).splitlines() if "≠" in one]
    assert lines == [f"≠ {line}"]
    assert line.split(" (")[0].split(" : ")[-1].split(": ")[-1][:6] in html(mail).replace("\u00a0", " ")
    assert html(mail).count("≠") == 1


def test_where_all_agree_nothing_is_said() -> None:
    mail = parsed(MESSAGES.compose(draft(of=told(YEARS))).body)
    assert "≠" not in plain(mail) + html(mail)
    assert "divergent" not in plain(mail)


def test_other_fields_are_told_in_their_own_words() -> None:
    chips = Field("chips", (claim(18_000.0, "Gazette"), claim(40_000.0, "Courrier")), True)
    power = Field("megawatts", (claim(1200.0, "Gazette", bound=Bound.ABOUT), claim(300.0, "Courrier")), True)
    written = plain(parsed(MESSAGES.compose(draft(of=told(STATUS, chips, power))).body)).replace("\u202f", " ")
    assert "statut : annulé selon un seul (Gazette), annoncé selon un seul (Courrier)" in written
    assert "puces : 18 000 puces selon un seul" in written
    assert "puissance : environ 1,2 GW selon un seul (Gazette), 300 MW" in written


def test_a_webhook_carries_every_claim_and_is_valid() -> None:
    alert = MESSAGES.compose(draft(of=told(AMOUNT, YEARS, earlier="ab" * 16), channel=ChannelKind.WEBHOOK))
    data = checked(alert.body)["data"]
    assert data["story"]["earlier"] == "ab" * 16
    first, second = data["flows"]
    assert [(one["name"], one["disputed"]) for one in first["fields"]] == [("amount", True), ("years", False)]
    assert second["fields"] == []
    thirty, other = first["fields"][0]["claims"]
    assert thirty == {
        "value": 30_000_000_000, "currency": "USD", "bound": "exact", "confirmations": 3, "houses": list(THREE),
        "first": {"source": "Gazette en ligne", "at": "2026-03-02T11:02:00Z"},
    }  # fmt: skip
    assert (other["value"], other["confirmations"]) == (38_000_000_000, 1)
    assert checked(MESSAGES.compose(draft(channel=ChannelKind.WEBHOOK)).body)["data"]["story"]["earlier"] is None


def test_a_body_that_grows_too_large_keeps_the_disputes() -> None:
    crowd = Field("status", tuple(claim("announced", *(f"Maison {n} {k}" for k in range(20))) for n in range(8)))
    whole = told(AMOUNT)
    flows = tuple(replace(held, fields=(AMOUNT, crowd)) for held in whole.flows * 8)
    data = checked(MESSAGES.compose(draft(of=replace(whole, flows=flows), channel=ChannelKind.WEBHOOK)).body)["data"]
    assert data["truncated"] is True
    assert {one["name"] for flow in data["flows"] for one in flow["fields"]} == {"amount"}


def test_a_digest_leaves_the_claims_out() -> None:
    alert = MESSAGES.compose(draft(of=told(AMOUNT)))
    recipient = Recipient("desk", ChannelKind.WEBHOOK, "https://desk.example/hook")
    digest = MESSAGES.compose_digest([alert], rule=RULE, recipient=recipient, now=NOW)
    (part,) = checked(digest.body)["data"]["alerts"]
    assert [flow["fields"] for flow in part["flows"]] == [[], []]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            Change(ChangeKind.EXTENDED, STORY_ID, 2, RENT, {"amount": 20e9, "currency": "USD"},
                   {"amount": 30e9, "currency": "USD"}),
            "Contrat étendu : 20 Md$ → 30 Md$ (Nivalis → Hélianthe, capacité de calcul)",
        ),
        (
            Change(ChangeKind.EXTENDED, STORY_ID, 2, RENT, {"status": "option"}, {"status": "announced"}),
            "Option levée : en option → annoncé (Nivalis → Hélianthe, capacité de calcul)",
        ),
        (
            Change(ChangeKind.NEW_PARTY, STORY_ID, 2, RENT, {"payer": None}, {"payer": "Nivalis"}),
            "Partie désormais connue : Nivalis → Hélianthe : 30 Md$ de capacité de calcul",
        ),
    ],
)  # fmt: skip
def test_the_new_kinds_of_change_have_their_words(change: Change, line: str) -> None:
    for channel in (ChannelKind.EMAIL, ChannelKind.WEBHOOK):
        alert = MESSAGES.compose(draft(AlertType.UPDATED, changes=(change,), channel=channel))
        if channel is ChannelKind.WEBHOOK:
            assert [one["kind"] for one in checked(alert.body)["data"]["changes"]] == [change.kind.value]
        else:
            assert line in plain(parsed(alert.body)).replace("\u00a0", " ")
