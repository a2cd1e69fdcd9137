"""What a chat room gets: short, with links, calling nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import NOW, RENT, RULE, STAKE, STORY_ID, draft, story
from worker.model import AlertType, Change, ChangeKind, ChannelKind, Recipient
from worker.pipeline.messages import chats

MESSAGES = samples.messages()
CHAT = ChannelKind.CHAT
DEARER = Change(ChangeKind.AMOUNT, STORY_ID, 2, RENT, {"amount": 20e9, "currency": "USD"}, {"amount": 30e9})


def test_an_update_in_a_room() -> None:
    alert = MESSAGES.compose(draft(AlertType.UPDATED, of=story(RENT, STAKE), changes=(DEARER,), channel=CHAT))
    assert alert.subject.startswith("Mise à jour : Nivalis → Hélianthe : 30 Md$")
    assert alert.body.splitlines() == [
        "• Montant revu : 20 Md$ → 30 Md$ (Nivalis → Hélianthe, capacité de calcul)",
        "Courrier, 2 mars 2026, 13:02 : https://courrier.example/a2?x=1&y=2",
        "Gazette, 2 mars 2026, 11:02 : https://www.gazette.example/a1",
        "Nivalis → Hélianthe : 30 Md$ de capacité de calcul, 1,2 GW · 5 ans, annoncé",
        "Hélianthe → Nivalis : jusqu’à 8,5 Md€ investis au capital, annoncé",
    ]


def test_a_room_is_never_called_together_by_an_article() -> None:
    word = "@everyone <!channel> <@U123> @here @all <@&55> veille@gw.example @Nivalis"
    alert = MESSAGES.compose(draft(of=story(replace(RENT, payer=word)), channel=CHAT))
    for said in (alert.subject, alert.body):
        assert "＠everyone" in said or "＠everyone" in alert.subject
        for call in ("@everyone", "<!", "<@", "@here"):
            assert call not in said
    assert "veille@gw.example" in chats.harmless(word)
    assert "@Nivalis" in chats.harmless(word)


def test_no_message_is_longer_than_the_smallest_room_takes_and_no_link_is_cut() -> None:
    whole = [
        replace(samples.SOURCES[0], url=f"https://a.example/{'p' * 300}/{number}", article_id=str(number))
        for number in range(9)
    ]
    flows = [replace(RENT, payer=f"Payeur {number}") for number in range(30)]
    alert = MESSAGES.compose(draft(of=story(*flows, sources=tuple(whole)), channel=CHAT))
    assert len(alert.body) <= 801
    links = [line.split(" ")[-1] for line in alert.body.splitlines() if "https://" in line]
    assert links
    assert set(links) <= {source.url for source in whole}
    parts = [MESSAGES.compose(draft(of=story(RENT, id=f"s{n}"), channel=CHAT, id=f"{n:032x}")) for n in range(60)]
    digest = MESSAGES.compose_digest(parts, rule=RULE, recipient=Recipient("desk", CHAT, "x://"), now=NOW)
    assert len(digest.body) <= 801
    assert digest.body.endswith("…\n")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_there_is_always_something_to_read(language: str) -> None:
    alert = MESSAGES.compose(draft(of=story(RENT, sources=()), channel=CHAT, language=language))
    assert alert.body.strip()
    notice = MESSAGES.compose_system(
        title="x", lines=(), recipient=Recipient("desk", CHAT, "x://", language), now=NOW, key="k"
    )
    assert notice.body == "x\n"
