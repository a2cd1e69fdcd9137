"""The headers of a mail as a strict reader unfolds them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import NOW, RENT, STORY_ID, draft, parsed, story
from worker.model import AlertType, Change, ChangeKind

MESSAGES = samples.messages()


def test_a_long_subject_is_folded_and_comes_back_whole() -> None:
    payer, payee = "Société générale d’équipement et d’énergie du Léman", "Hélianthe – œuvres & calcul"
    alert = MESSAGES.compose(draft(of=story(replace(RENT, payer=payer, payee=payee))))
    head = alert.body.partition("\r\n\r\n")[0].split("\r\n")
    subject = [line for line in head if line.startswith(("Subject:", " =?utf-8"))]
    assert len(subject) > 1
    assert max(map(len, subject)) <= 78
    assert str(parsed(alert.body)["Subject"]).replace("\u00a0", " ") == alert.subject.replace("\u00a0", " ")
    assert payer in alert.subject
    assert payee in alert.subject


def test_every_mail_of_a_story_stands_under_one_root_per_reader() -> None:
    change = Change(ChangeKind.NEW_FLOW, STORY_ID, 2, RENT)
    drafts = [draft()] + [
        draft(kind, changes=(change,), id=f"{number:032x}", created_at=NOW + timedelta(days=number))
        for number, kind in enumerate((AlertType.UPDATED, AlertType.CANCELLED), start=1)
    ]
    mails = [parsed(MESSAGES.compose(one).body) for one in drafts]
    assert len({mail["References"] for mail in mails}) == 1
    assert [mail["In-Reply-To"] is not None for mail in mails] == [False, True, True]
    assert len({mail["Message-ID"] for mail in mails}) == 3
    other = replace(draft().recipient, id="other")
    assert parsed(MESSAGES.compose(draft(recipient=other)).body)["References"] != mails[0]["References"]


def test_each_rule_is_a_list_of_its_own() -> None:
    ids = {
        str(parsed(MESSAGES.compose(draft(rule=replace(samples.RULE, id=name))).body)["List-Id"])
        for name in ("milliards", "boucles")
    }
    assert ids == {"gigawatch <milliards.gigawatch.gw.example>", "gigawatch <boucles.gigawatch.gw.example>"}
