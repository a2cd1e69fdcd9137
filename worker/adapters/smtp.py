"""Alerts as mail, by a relay."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parseaddr
from typing import Literal

from worker.errors import DeliveryError
from worker.model import Alert, Receipt, Recipient

Security = Literal["starttls", "tls", "none"]
# How often its own limit a whole message may take.
LONGEST = 2
_KEPT = 20_000  # characters of what the relay said
_PERMANENT = range(500, 600)
# RFC 4954: what a relay says of the log-in. It is the operator's to mend, so the alert waits.
_LOG_IN = frozenset({530, 534, 535, 538})


class SmtpChannel:
    """Hands each alert to one relay, one message and one envelope per recipient.

    `security` is "starttls" (required, never optional), "tls" from the first byte, or "none"; certificates are
    verified. No log-in without `user`. `timeout` is in seconds, for each answer of the relay; the whole of a
    message gets twice that, for a claim on the alert must not run out while a slow relay still has it.
    """

    def __init__(
        self, host: str, port: int, *, security: Security, user: str, password: str, sender: str, timeout: float
    ) -> None:
        self._host, self._port = host, port
        self._security = security
        self._user, self._password = user, password
        self._sender = parseaddr(sender)[1] or sender
        self._timeout = timeout

    async def send(self, alert: Alert, recipient: Recipient, *, now: datetime) -> Receipt:
        """Send `alert.body`, which is a whole message in ASCII.

        Raises DeliveryError: permanent for a 5xx about this message or recipient; to be tried again for a 4xx, a
        refused log-in and every broken or silent connection. Where the answer to the message is lost, nobody can know
        whether it arrived: the repeat has the same Message-ID.
        """
        del now
        return await asyncio.to_thread(self._send, alert, recipient)

    def check(self) -> None:
        """Connect, log in and ask the relay whether it is there, without sending anything. Raises DeliveryError."""
        with _translated():
            server = self._connect()
            try:
                with _ended_after(self._timeout, server):
                    self._log_in(server)
                    code, said = server.noop()
                    _expect((code, said), "NOOP")
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
            finally:
                server.close()

    def _send(self, alert: Alert, recipient: Recipient) -> Receipt:
        body = alert.body.encode("utf-8")
        address = parseaddr(recipient.address)[1] or recipient.address
        begun = time.monotonic()
        with _translated():
            server = self._connect()
            try:
                left = LONGEST * self._timeout - (time.monotonic() - begun)
                if left <= 0:
                    # A name with many addresses: each had the whole limit to itself.
                    raise TimeoutError("connecting took too long")
                with _ended_after(left, server):
                    self._log_in(server)
                    reply = _exchange(server, self._sender, address, body)
                # The relay has answered for the message: what happens while parting takes nothing back.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
            finally:
                server.close()
        return Receipt("250", reply[:_KEPT])

    def _connect(self) -> smtplib.SMTP:
        if self._security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=context)
        return smtplib.SMTP(self._host, self._port, timeout=self._timeout)

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._security == "starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if self._user:
            server.login(self._user, self._password)


@contextmanager
def _ended_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """Break the connection when `seconds` are over: smtplib knows a limit for each answer alone."""

    def end() -> None:
        connection = server.sock
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _exchange(server: smtplib.SMTP, sender: str, address: str, body: bytes) -> str:
    """Return what the relay said to the message. smtplib's own sendmail forgets it."""
    _expect(server.mail(sender), "MAIL")
    _expect(server.rcpt(address), "RCPT")
    code, said = server.data(body)
    _expect((code, said), "DATA")
    return f"{code} {_plain(said)}"


def _expect(answer: tuple[int, bytes], command: str) -> None:
    code, said = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, f"{command}: {_plain(said)}")


def _plain(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPResponseException as error:
        said = f"{error.smtp_code} {_plain(error.smtp_error)}"[:_KEPT]
        log_in = isinstance(error, smtplib.SMTPAuthenticationError) or error.smtp_code in _LOG_IN
        # A greeting of 5xx is about the relay, not about this alert.
        about_alert = not isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError)
        permanent = error.smtp_code in _PERMANENT and about_alert and not log_in
        raise DeliveryError(f"smtp: {said[:300]}", permanent=permanent, response=said) from error
    except UnicodeError as error:
        raise DeliveryError("smtp: the address is not ASCII, and mail needs it so", permanent=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"smtp: {error or type(error).__name__}") from error
