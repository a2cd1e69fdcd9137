"""Where the demo's alerts arrive: an SMTP server that keeps mails as files, a webhook receiver that verifies."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it arrived. `key` is its Message-ID."""

    key: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    message: EmailMessage
    file: Path


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook request. `key` is its webhook-id; `verified` whether the signature was right."""

    key: str
    verified: bool
    body: bytes
    content: dict[str, Any]


def part(message: EmailMessage, kind: str) -> str:
    """Return the text of a mail's "plain" or "html" part, "" if it has none."""
    found = message.get_body(preferencelist=(kind,))
    return str(found.get_content()) if found is not None else ""


class MailSink:
    """An SMTP server on loopback; writes each mail as .eml and its HTML part as .html into `folder`."""

    def __init__(
        self, folder: Path, *, port: int = 0, host: str = "127.0.0.1", on_mail: Callable[[Mail], None] | None = None
    ) -> None:
        self.folder = folder
        self.host, self.port = host, port
        self._mails: list[Mail] = []
        self._on_mail = on_mail
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def start(self) -> MailSink:
        """Begin to listen; `port` is the real one afterwards."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _listen(self) -> asyncio.Server:
        def session() -> SMTP:
            return SMTP(self, hostname="localhost", loop=self._loop, timeout=30)

        return await self._loop.create_server(session, self.host, self.port)

    def stop(self) -> None:
        """End the server; a second time changes nothing."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        # Sessions that are still open would outlive the loop.
        sessions = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in sessions:
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    def __enter__(self) -> MailSink:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def mails(self) -> tuple[Mail, ...]:
        """Return every mail so far, in order of arrival, repeats included."""
        with self._lock:
            return tuple(self._mails)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail; called by the SMTP server."""
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
        with self._lock:
            number = len(self._mails) + 1
            subject = str(message["Subject"] or "")
            stem = self.folder / f"{number:02d}-{_file_name(subject)}"
            mail = Mail(
                key=str(message["Message-ID"] or ""), subject=subject, sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos), raw=raw, message=message, file=stem.with_suffix(".eml"),
            )  # fmt: skip
            stem.with_suffix(".eml").write_bytes(raw)
            if html := part(message, "html"):
                stem.with_suffix(".html").write_text(html, encoding="utf-8")
            self._mails.append(mail)
        if self._on_mail is not None:
            self._on_mail(mail)
        return "250 2.0.0 kept"


def _file_name(subject: str) -> str:
    return re.sub(r"[^\w]+", "-", subject.casefold()).strip("-")[:60] or "mail"


class HookSink:
    """A webhook receiver on loopback; checks each signature with the reference library of Standard Webhooks."""

    def __init__(
        self,
        secret: str,
        folder: Path,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        on_hook: Callable[[Hook], None] | None = None,
    ) -> None:
        self.folder = folder
        self._webhook = Webhook(secret)
        self._hooks: list[Hook] = []
        self._on_hook = on_hook
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def address(self) -> str:
        """`host:port`, as the allow list of the HTTP client wants it."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/gigawatch"

    def start(self) -> HookSink:
        """Begin to answer."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the server; a second time changes nothing."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> HookSink:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def hooks(self) -> tuple[Hook, ...]:
        """Return every request so far, in order of arrival, repeats included."""
        with self._lock:
            return tuple(self._hooks)

    def receive(self, headers: dict[str, str], body: bytes) -> HTTPStatus:
        """Keep one request; 204 where its signature holds, 401 where not."""
        try:
            self._webhook.verify(body, headers)
            verified = True
        except (WebhookVerificationError, ValueError):
            verified = False
        try:
            content = json.loads(body)
        except ValueError:
            content = {}
        hook = Hook(headers.get("webhook-id", ""), verified, body, content if isinstance(content, dict) else {})
        with self._lock:
            self._hooks.append(hook)
            name = f"{len(self._hooks):02d}-{re.sub(r'[^a-z0-9]+', '-', str(hook.content.get('type', 'unknown')))}.json"
            (self.folder / name).write_bytes(body)
        if self._on_hook is not None:
            self._on_hook(hook)
        return HTTPStatus.NO_CONTENT if verified else HTTPStatus.UNAUTHORIZED

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version = "hooksink"
            timeout = 10

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = sink.receive({name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the requests are recorded."""

        return Handler
