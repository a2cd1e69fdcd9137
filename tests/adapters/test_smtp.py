"""Mail against a real SMTP server whose replies a test writes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from tests.adapters.alert_samples import MAIL, NOW, alert, recipient
from worker.adapters.smtp import Security, SmtpChannel
from worker.errors import DeliveryError
from worker.model import ChannelKind, Receipt

EMAIL = ChannelKind.EMAIL


@dataclass
class Relay:
    """An SMTP server. `replies` are by command (MAIL, RCPT, DATA); "drop" as a reply closes the connection; `slow_s`
    goes by before each of them."""

    replies: dict[str, str] = field(default_factory=dict)
    slow_s: float = 0.0
    envelopes: list[tuple[str | None, list[str], bytes]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0

    async def _reply(self, command: str, server: SMTP) -> str:
        await asyncio.sleep(self.slow_s)
        reply = self.replies.get(command, "250 2.0.0 kept")
        if reply == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return reply

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        envelope.mail_from = address
        return await self._reply("MAIL", server)

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return await self._reply("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return await self._reply("DATA", server)

    def log_in(self, server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@contextlib.contextmanager
def relay(
    replies: dict[str, str] | None = None,
    *,
    wrapped: ssl.SSLContext | None = None,
    offered: ssl.SSLContext | None = None,
    log_in: bool = False,
) -> Iterator[Relay]:
    """A relay on a free port; with `wrapped` it speaks TLS from the first byte, with `offered` after STARTTLS."""
    opened = Relay(replies or {})
    loop = asyncio.new_event_loop()
    options: dict[str, Any] = {"authenticator": opened.log_in, "auth_require_tls": False} if log_in else {}

    async def listen() -> asyncio.Server:
        def session() -> SMTP:
            return SMTP(opened, hostname="relay.example", loop=loop, tls_context=offered, **options)

        return await loop.create_server(session, "127.0.0.1", 0, ssl=wrapped)

    server = loop.run_until_complete(listen())
    opened.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def send(
    port: int, *, security: Security = "none", user: str = "", password: str = "", to: str = "desk@gw.example",
    timeout: float = 5.0, body: str = MAIL,
) -> Receipt:  # fmt: skip
    channel = SmtpChannel(
        "127.0.0.1", port, security=security, user=user, password=password, sender="veille@gw.example", timeout=timeout
    )
    return asyncio.run(channel.send(alert(body, EMAIL), recipient(EMAIL, to), now=NOW))


def refused(port: int, **options: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(port, **options)
    return caught.value


def test_the_message_arrives_as_it_is_with_its_envelope() -> None:
    with relay() as opened:
        receipt = send(opened.port)
        send(opened.port)
    assert receipt == Receipt("250", "250 2.0.0 kept")
    assert opened.envelopes == [("veille@gw.example", ["desk@gw.example"], MAIL.encode())] * 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("reply", "permanent"), [("451 4.3.0 later", False), ("550 5.1.1 nobody", True)])
def test_4xx_is_tried_again_and_5xx_is_not(command: str, reply: str, permanent: bool) -> None:
    with relay({command: reply}) as opened:
        error = refused(opened.port)
    assert error.permanent is permanent
    assert reply.split(" ", 1)[1] in error.response
    assert reply[:3] in str(error)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_lost_connection_is_tried_again(command: str) -> None:
    with relay({command: "drop"}) as opened:
        assert not refused(opened.port).permanent


def test_a_relay_that_is_away_or_silent_is_tried_again() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        assert not refused(port).permanent  # bound, not listening: refused
        silent.listen()
        error = refused(port, timeout=0.3)
    assert not error.permanent
    assert str(error).startswith("smtp: ")


def test_a_relay_that_is_slow_each_time_is_not_waited_for_without_end() -> None:
    with relay() as opened:
        opened.slow_s = 0.4  # three such answers: each within the limit, all together not
        error = refused(opened.port, timeout=0.5)
        opened.slow_s = 0.0
        assert send(opened.port, timeout=0.5).status == "250"
    assert not error.permanent


def test_a_refused_log_in_waits_for_the_operator() -> None:
    with relay(log_in=True) as opened:
        send(opened.port, user="veille", password="right")
        error = refused(opened.port, user="veille", password="wrong")
        kept = len(opened.envelopes)
    assert opened.logins[0] == (b"veille", b"right")
    assert kept == 1
    assert str(error).startswith("smtp: 535")
    assert not error.permanent
    assert "wrong" not in f"{error} {error.response}"


def test_without_starttls_nothing_is_sent_in_the_clear() -> None:
    with relay() as opened:
        error = refused(opened.port, security="starttls")
    assert not error.permanent
    assert not opened.envelopes


def test_an_address_that_mail_cannot_carry_is_refused_for_good() -> None:
    with relay() as opened:
        assert refused(opened.port, to="né@gw.example").permanent
    assert not opened.envelopes


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"),
               "-out", str(folder / "cert.pem")]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command to make a certificate")
    return folder


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_known_certificate_is_taken_and_no_other(
    security: Security, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "cert.pem", authority / "key.pem")
    wrapped, offered = (context, None) if security == "tls" else (None, context)
    with relay(wrapped=wrapped, offered=offered) as opened:
        error = refused(opened.port, security=security)
        assert "certificate" in str(error).lower()
        assert not error.permanent
        assert not opened.envelopes
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "cert.pem"))
        assert send(opened.port, security=security).status == "250"
