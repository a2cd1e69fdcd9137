"""The demo's receivers are real: SMTP is spoken, signatures are checked."""

from __future__ import annotations

import smtplib
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from worker.demo.play import SECRET
from worker.demo.sinks import Hook, HookSink, Mail, MailSink, part


def test_a_mail_is_kept_as_it_came(tmp_path: Path) -> None:
    seen: list[Mail] = []
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "b@x.example", "Hélianthe → Nivalis : 6 Md€"
    message["Message-ID"] = "<1@x.example>"
    message.set_content("Bonjour")
    message.add_alternative("<p>Bonjour</p>", subtype="html")
    with MailSink(tmp_path / "mails", on_mail=seen.append) as sink, smtplib.SMTP("127.0.0.1", sink.port) as relay:
        relay.send_message(message)
        relay.send_message(message)
        mails = sink.mails()
    assert [mail.key for mail in mails] == ["<1@x.example>", "<1@x.example>"]
    assert mails[0].recipients == ("b@x.example",)
    assert mails[0].subject == "Hélianthe → Nivalis : 6 Md€"
    assert part(mails[0].message, "html").strip() == "<p>Bonjour</p>"
    assert mails[0].file.read_bytes() == mails[0].raw
    assert mails[0].file.with_suffix(".html").exists()
    assert len({mail.file for mail in mails}) == 2
    assert len(seen) == 2


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _signed(identity: str, body: bytes, secret: str) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(msg_id=identity, timestamp=now, data=body.decode())
    return {"webhook-id": identity, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


@pytest.mark.parametrize(
    ("secret", "status", "verified"),
    [(SECRET, 204, True), ("whsec_" + "QUJD" * 10, 401, False)],
)
def test_only_the_right_signature_is_taken(tmp_path: Path, secret: str, status: int, verified: bool) -> None:
    seen: list[Hook] = []
    body = b'{"type":"deal.detected","data":{}}'
    with HookSink(SECRET, tmp_path / "hooks", on_hook=seen.append) as sink:
        assert _post(sink.url, body, _signed("abc", body, secret)) == status
        (hook,) = sink.hooks()
    assert (hook.key, hook.verified, hook.body) == ("abc", verified, body)
    assert hook.content["type"] == "deal.detected"
    assert seen == [hook]
    assert [path.read_bytes() for path in (tmp_path / "hooks").iterdir()] == [body]


def test_an_unsigned_request_is_refused(tmp_path: Path) -> None:
    with HookSink(SECRET, tmp_path) as sink:
        assert _post(sink.url, b"not json", {}) == 401
        assert sink.hooks()[0].content == {}
