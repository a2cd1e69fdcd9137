"""What is said of a silence, for every cause, in both languages and in every form that leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy

import jsonschema
import pytest

from tests.conftest import ROOT
from tests.pipeline import message_samples
from worker.model import AlertType, Cause, ChannelKind, Recipient, Stage, Trouble, TroubleKind
from worker.pipeline import troubles

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SINCE = NOW - timedelta(hours=30)
HOSTILE = "Gazette\r\nBcc: x@evil.example <script>"


def trouble(kind: TroubleKind, cause: Cause = Cause.OK, stage: Stage | None = None, name: str = "Gazette") -> Trouble:
    return Trouble(f"{kind}/g", kind, SINCE, cause, (name,), 3, "gazette", stage, "https://g.example/rss answered 404")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_words_and_advice(language: str, cause: Cause) -> None:
    title, lines = troubles.begun([trouble(TroubleKind.FETCH, cause)], language)
    assert "Gazette" in title
    assert "{" not in title + "".join(lines)
    assert lines[-1].startswith(("À faire", "What to do"))
    assert any("1 mars 2026" in line or "1 March 2026" in line for line in lines)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(TroubleKind))
def test_every_kind_begins_and_ends(language: str, kind: TroubleKind) -> None:
    one = trouble(kind, Cause.DNS, Stage.JUDGE if kind is TroubleKind.CANARY else None)
    notices = [troubles.begun([one], language)]
    if kind not in (TroubleKind.FAILING, TroubleKind.GIVEN_UP):
        notices.append(troubles.ended([one], language, NOW))
    for title, lines in notices:
        assert title
        assert lines
        assert "{" not in title + "".join(lines)


@pytest.mark.parametrize("kind", [TroubleKind.FETCH, TroubleKind.SILENT, TroubleKind.NO_TEXT])
def test_many_at_once_are_one_message(kind: TroubleKind) -> None:
    many = [trouble(kind, Cause.DNS, name=f"F{number}") for number in range(30)]
    title, lines = troubles.begun(many, "fr")
    assert "30" in title
    assert len(lines) < 25
    assert "30" in troubles.ended(many, "en", NOW)[0]


@pytest.mark.parametrize(("language", "where"), [("fr", "si la base est sur ce disque"), ("en", "if the store is on")])
def test_a_full_disk_is_said_to_stop_only_a_store_that_is_on_it(language: str, where: str) -> None:
    *_, outlook, todo = troubles.begun([trouble(TroubleKind.DISK)], language)[1]
    assert where in outlook.lower()
    assert "SQLite" in outlook
    assert where in todo
    assert todo.index(where) < todo.index("gigawatch prune")


def test_every_stage_has_words() -> None:
    words = {troubles.stage_words(stage, language) for stage in Stage for language in ("fr", "en")}
    assert len(words) == 2 * len(Stage)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("one", "quoted"),
    [
        (trouble(TroubleKind.CANARY, stage=Stage.DELIVER), True),
        (trouble(TroubleKind.CANARY, stage=Stage.SIEVE), False),
        (trouble(TroubleKind.CANARY, stage=Stage.ALERT), False),
        (trouble(TroubleKind.FETCH, Cause.NOT_FOUND), True),
        (trouble(TroubleKind.FETCH, Cause.CRASHED), False),
        (trouble(TroubleKind.OUTAGE, Cause.CRASHED), False),
    ],
)
def test_only_what_somebody_answered_is_quoted(one: Trouble, quoted: bool, language: str) -> None:
    _, lines = troubles.begun([one], language)
    assert any("answered 404" in line for line in lines) is quoted


def test_a_silence_claims_no_figure_that_it_may_not_have_reached() -> None:
    # A fortnight is a silence too, however short it is beside five usual gaps.
    for language, words in (("fr", "bien plus longtemps que d’habitude"), ("en", "much longer than usual")):
        _, lines = troubles.begun([trouble(TroubleKind.SILENT)], language)
        assert words in lines[0]
        assert not any(figure in lines[0] for figure in ("cinq", "five"))


@pytest.mark.parametrize("channel", [ChannelKind.EMAIL, ChannelKind.WEBHOOK, ChannelKind.CONSOLE])
def test_a_notice_in_every_form(channel: ChannelKind) -> None:
    messages = message_samples.messages()
    title, lines = troubles.begun([trouble(TroubleKind.FETCH, Cause.NOT_FOUND, name=HOSTILE)], "fr")
    to = Recipient("desk", channel, "desk@example.org")
    alert = messages.compose_system(title=title, lines=lines, recipient=to, now=NOW, key="k")
    again = messages.compose_system(title=title, lines=lines, recipient=to, now=NOW, key="k")
    assert alert == again
    assert alert.type is AlertType.SYSTEM
    if channel is ChannelKind.EMAIL:
        mail = message_from_string(alert.body, policy=policy.default)
        assert "introuvable (404)" in str(mail["Subject"])
        assert (mail["Bcc"], mail["X-Gigawatch-Kind"]) == (None, "system")
        html = mail.get_body(("html",))
        assert html is not None
        assert "À faire" in html.get_content()
        assert "<script>" not in html.get_content()
    elif channel is ChannelKind.WEBHOOK:
        schema = json.loads((ROOT / "config" / "webhook.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(json.loads(alert.body), schema)
    else:
        assert "À faire" in alert.body
