"""`gigawatch alerts test`: a made-up deal by the real way, and what the receiver said. `config check`: templates."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.adapters.test_smtp import relay
from tests.cli.conftest import Run, World
from worker.cli import exits


def folder(tmp_path: Path, port: int, language: str = "fr") -> Path:
    made = tmp_path / "config"
    made.mkdir(exist_ok=True)
    (made / "gigawatch.toml").write_text(
        f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "veille@gw.example"\n'
        f'[general]\nlanguage = "{language}"\n'
    )
    (made / "alerts.toml").write_text(
        '[recipients.desk]\nchannel = "email"\naddress = "desk@gw.example"\n'
        '[[rules]]\nid = "all"\nrecipients = ["desk"]\n'
    )
    return made


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("fr", "Essai", "Ceci est un essai\u00a0: ces entreprises et ces montants sont inventés."),
        ("en", "Test", "This is a test: these firms and amounts are made up."),
    ],
)
def test_the_sample_is_marked_as_a_test_in_the_readers_language(
    run: Run, tmp_path: Path, language: str, subject: str, words: str
) -> None:
    with relay({"DATA": "250 2.0.0 queued as 4F2"}) as opened:
        answer = run("alerts", "test", "desk", config=folder(tmp_path, opened.port, language))
        ((_, to, content),) = opened.envelopes
    assert answer.code == exits.OK
    assert "250 2.0.0 queued as 4F2" in answer.out
    assert to == ["desk@gw.example"]
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    assert str(mail["Subject"]).startswith(f"{subject}")
    assert mail["X-Gigawatch-Kind"] == "test"
    assert "X-Gigawatch-Story" not in mail
    part = mail.get_body(("plain",))
    assert part is not None
    assert words.replace("\u00a0", " ") in part.get_content()


def test_a_refusal_is_told_as_the_server_said_it(run: Run, tmp_path: Path) -> None:
    with relay({"RCPT": "550 5.1.1 no such desk here"}) as opened:
        answer = run("alerts", "test", "desk", config=folder(tmp_path, opened.port))
        machine = run("alerts", "test", "desk", "--json", config=folder(tmp_path, opened.port))
    assert answer.code == machine.code == exits.FAILED
    assert "550 RCPT: 5.1.1 no such desk here" in answer.out
    assert machine.json[0]["ok"] is False


def test_the_webhook_gets_a_deal_of_made_up_firms(run: Run, world: World) -> None:
    assert run("alerts", "test", "automate", "--json", config=world.config).code == exits.OK
    (hook,) = world.hooks.hooks()
    assert hook.verified
    assert hook.content["type"] == "test"
    assert hook.content["data"]["flows"][0]["payer"] == "Nivalis"
    assert "inventés" in hook.content["data"]["message"]


def test_the_check_names_a_faulty_template_with_its_line(run: Run, tmp_path: Path) -> None:
    made = folder(tmp_path, 25)
    assert run("config", "check", config=made).code == exits.OK
    (made / "templates").mkdir()
    (made / "templates" / "alert.html.j2").write_text("<p>\n{{ alert.headlin }}</p>")
    answer = run("config", "check", config=made)
    assert answer.code == exits.USAGE
    assert "templates/alert.html.j2:2" in answer.err
    assert "headlin" in answer.err
