"""One alert as a whole e-mail message (RFC 5322), in ASCII, the same bytes each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from worker import text
from worker.model import Alert, AlertType, Recipient
from worker.pipeline.messages.links import Links, atom, unsubscribe_headers

_NAME = "gigawatch"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on every mail: the sender's address, the domain of ids, where readers' wishes go."""

    sender: str
    domain: str
    links: Links = field(default_factory=Links)


@dataclass(frozen=True, slots=True)
class Thread:
    """What several mails are about, so that they stand together; `opens` is true for the first of them."""

    name: str
    opens: bool


class _Policy(EmailPolicy):
    """SMTP line ends, ASCII alone, and identifiers and addresses whole: the standard library would encode one longer
    than a line, and no mail reader would know it again."""

    def _fold(self, name: str, value: object, refold_binary: bool = False) -> str:
        if name in _WHOLE:
            written = str(value).replace(">, <", ">,\r\n <")
            return f"{name}: {written}\r\n"
        folded: str = super()._fold(name, value, refold_binary)  # type: ignore[misc]
        return folded


_WHOLE = frozenset(
    {"Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe", "X-Gigawatch-Story", "X-Gigawatch-Rule"}
)
_POLICY = _Policy(linesep="\r\n", cte_type="7bit", utf8=False, raise_on_defect=False)


def message(
    alert: Alert, recipient: Recipient, *, plain: str, html: str, letterhead: Letterhead, thread: Thread | None = None
) -> str:
    """Return the message. Its date is the alert's, its ids come from those of alert, thread and recipient."""
    domain = atom(letterhead.domain)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _mailbox(letterhead.sender, _NAME)
    mail["To"] = _mailbox(recipient.address)
    mail["Subject"] = _literal(text.one_line(alert.subject, 180)) or _NAME
    mail["Date"] = format_datetime(alert.created_at)
    mail["Message-ID"] = f"<{atom(alert.id)}@{domain}>"
    if thread is not None:
        # Every mail of a thread refers to one root, which need not exist: so readers put them together.
        root = f"<{atom(thread.name)}.{atom(recipient.id)}@{domain}>"
        if not thread.opens:
            mail["In-Reply-To"] = root
        mail["References"] = root
    if alert.story_id:
        mail["X-Gigawatch-Story"] = atom(alert.story_id)
    mail["List-Id"] = f"{_NAME} <{atom(alert.rule_id)}.{_NAME}.{domain}>"
    if alert.type is not AlertType.TEST:  # nobody is subscribed to a test
        for name, value in unsubscribe_headers(letterhead.links.unsubscribe(alert.rule_id, recipient.id)).items():
            mail[name] = value
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Gigawatch-Rule"] = atom(alert.rule_id)
    mail["X-Gigawatch-Kind"] = alert.type.value
    mail.set_content(plain, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{_NAME}_{atom(alert.id)[:40]}")
    return mail.as_bytes().decode("ascii")


def _literal(value: str) -> str:
    # The standard library takes encoded words (RFC 2047) in a header's text for its own and writes out what they hold,
    # line ends included: a title could bring headers of its own (seen in Python 3.11).
    return value.replace("=?", "= ?")


def _mailbox(address: str, name: str = "") -> str | Address:
    """Return an address for a header; one that is none stands as plain text, so that the relay may refuse it."""
    address = text.one_line(address, 320)
    if "<" in address or "@" not in address:
        return address
    local, _, domain = address.rpartition("@")
    try:
        return Address(name, local, domain)
    except (ValueError, IndexError):
        return address
