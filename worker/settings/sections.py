"""The sections of gigawatch.toml: every key with its type, default, bounds and meaning.

The meaning stands in `description`; a test holds the README and config/gigawatch.toml to it. A field that ends in `_s`
is in seconds, and its key in the file has no `_s` because the file gives the unit (`timeout = "30s"`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from worker import text
from worker.settings.values import (
    Bytes,
    Line,
    Number,
    Seconds,
    Whole,
    check_allowed,
    check_mail,
    check_server,
    check_web,
    read_list,
)

DAY_S = 86_400.0
BROKER_SCHEMES = ("redis", "rediss", "redis+socket", "unix")
STORE_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg")
_SHORTEST_KEY = 24  # characters, as many as a webhook's secret has bytes
_LONGEST_PAGE = 200  # characters: a link with its story and its signature must stay a header of one line
_PLAIN = re.compile(r"[!$&-;=@-Z_a-z~]+")  # visible ASCII that neither ends the address nor its place in a header


def _scheme(*allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and urlsplit(value).scheme not in allowed:
            raise ValueError("an address that starts with " + ", ".join(f"{scheme}://" for scheme in allowed))
        return value

    return AfterValidator(check)


def _optional_mail(value: str) -> str:
    return check_mail(value) if value else value


def _optional_page(value: str) -> str:
    if value and (not text.is_web_address(value) or len(value) > _LONGEST_PAGE or not _PLAIN.fullmatch(value)):
        raise ValueError("a web address such as https://gigawatch.example.org, without user name and query")
    return value.rstrip("/")


def key_of(field: str) -> str:
    """Return the key in the file for a field of a section."""
    return field.removesuffix("_s")


class Section(BaseModel):
    """One table of gigawatch.toml: frozen, and an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=key_of, hide_input_in_errors=True)


class General(Section):
    """Who runs gigawatch, and where it keeps its things."""

    language: Literal["fr", "en"] = Field("fr", description="Language of messages and tables: fr or en.")
    contact: Line = Field("", description="Address (web or e-mail) that the User-Agent gives to the sites visited.")
    data: Path = Field(Path(), description="Folder of the store, the embedded broker and the console's log.")


class StoreSection(Section):
    """The database."""

    url: Annotated[str, _scheme(*STORE_SCHEMES)] = Field(
        "", description="Database address, postgresql:// or sqlite://; empty: SQLite in the data folder."
    )


class BrokerSection(Section):
    """The queue."""

    url: Annotated[str, _scheme(*BROKER_SCHEMES)] = Field(
        "", description="Valkey or Redis address, redis:// or rediss://; empty: an embedded Valkey."
    )


class Polling(Section):
    """How often feeds are asked."""

    min_interval_s: Seconds = Field(900.0, ge=1, description="Shortest time between two polls of a feed.")
    max_interval_s: Seconds = Field(21600.0, ge=1, description="Longest time between two polls of a healthy feed.")
    host_gap_s: Seconds = Field(2.0, ge=0, description="Pause between two requests to the same host.")
    batch: Whole = Field(50, ge=1, le=500, description="Most feeds in one task.")
    tick_s: Seconds = Field(20.0, ge=0.1, description="How often feeds that are due are looked for.")
    sweep_s: Seconds = Field(15.0, ge=0.1, description="How often unfinished work is taken up again.")
    jitter: Number = Field(0.1, ge=0, le=0.5, description="Share by which intervals are spread by chance.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_interval_s > self.max_interval_s:
            raise ValueError("min_interval not above max_interval")
        return self


class Fetch(Section):
    """Limits of every request to the outside."""

    total_s: Seconds = Field(20.0, gt=0, le=120, description="Longest time for one document, redirects included.")
    connect_s: Seconds = Field(10.0, gt=0, le=60, description="Longest time to connect.")
    feed_bytes: Bytes = Field(10 * 2**20, ge=1024, description="Largest feed, after decompression.")
    page_bytes: Bytes = Field(2 * 2**20, ge=1024, description="Largest page, after decompression.")
    raw_bytes: Bytes = Field(5 * 2**20, ge=1024, description="Largest document as it travels.")
    redirects: Whole = Field(5, ge=0, le=20, description="Most redirects followed; each target is checked.")
    allow: Annotated[tuple[Annotated[str, AfterValidator(check_allowed)], ...], BeforeValidator(read_list)] = Field(
        (), description="Private addresses that may be reached all the same: host:port, address or network."
    )
    obey_robots: bool = Field(True, description="Ask robots.txt before an article's page is read.")


class Detection(Section):
    """The detector."""

    threshold: Number | None = Field(
        None, gt=0, lt=1, description="Score from which an article is a deal; unset: the trained one."
    )


class Stories(Section):
    """How articles become stories, and stories loops."""

    window_days: Whole = Field(90, ge=1, le=730, description="How long a story takes in further articles.")
    recent_days: Whole = Field(14, ge=1, le=365, description="Older news is filed, but nobody is told of it.")
    loop_window_days: Whole = Field(730, ge=1, le=3650, description="How far back the flows of a loop may lie.")
    copy_days: Whole = Field(
        7, ge=0, le=90, description="How far back the text that an article copies may lie; 0: none."
    )


class Smtp(Section):
    """The mail relay."""

    host: Line = Field("", description="Mail relay; needed as soon as a rule names an e-mail recipient.")
    port: Whole = Field(587, ge=1, le=65535, description="Port of the relay: 587 for starttls, 465 for tls.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="starttls, tls or none.")
    user: Line = Field("", description="Login at the relay; empty: no login.")
    password: SecretStr = Field(SecretStr(""), description="Password of the login; better given by password_file.")
    sender: Annotated[str, AfterValidator(_optional_mail)] = Field(
        "", description="Address that the mails come from; needed with host."
    )
    timeout_s: Seconds = Field(30.0, gt=0, le=60, description="Longest wait for the relay's answer.")
    domain: Line = Field("", description="Domain of Message-ID and List-Id; empty: the sender's.")
    unsubscribe: Annotated[str, AfterValidator(_optional_mail)] = Field(
        "", description="Address that takes the mails of readers who mute or unsubscribe; empty: the sender's."
    )
    page: Annotated[str, AfterValidator(_optional_page)] = Field(
        "", description="Public address of a page that takes such wishes by link, https:// where one click is to do."
    )
    page_key: SecretStr = Field(SecretStr(""), description="Key that signs the links to that page; needed with page.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host and not self.sender:
            raise ValueError("sender, since host is set")
        if self.user and not self.password.get_secret_value():
            raise ValueError("password or password_file, since user is set")
        if self.page and len(self.page_key.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"page_key with at least {_SHORTEST_KEY} characters, since page is set")
        return self

    @property
    def message_domain(self) -> str:
        """The domain of Message-ID: as set, else the sender's, else a name that can never exist (RFC 6761)."""
        return self.domain or self.sender.rpartition("@")[2] or "gigawatch.invalid"


class Delivery(Section):
    """How alerts are sent and sent again."""

    webhook_timeout_s: Seconds = Field(20.0, gt=0, le=60, description="Longest wait for a webhook's answer.")
    factor: Number = Field(1.0, gt=0, le=10, description="Scale of the retry schedule; below 1 for rehearsals.")
    digest_wait_s: Seconds = Field(900.0, ge=0, description="Longest time a backlog gathers before its digest leaves.")
    chat_servers: Annotated[tuple[Annotated[str, AfterValidator(check_server)], ...], BeforeValidator(read_list)] = (
        Field((), description="Chat servers of your own that may be reached, such as a Mattermost: host or host:port.")
    )


class Keep(Section):
    """How long things are kept. Stories, their articles and what identifies an entry are never let go."""

    articles_s: Seconds = Field(400 * DAY_S, ge=DAY_S, description="Text of articles that are no deal.")
    rejected_s: Seconds = Field(1100 * DAY_S, ge=DAY_S, description="Articles that are no deal, with the reasons.")
    deliveries_s: Seconds = Field(180 * DAY_S, ge=DAY_S, description="Attempts to deliver, and what was answered.")
    alerts_s: Seconds = Field(400 * DAY_S, ge=DAY_S, description="Bodies of alerts that were sent.")


class Canary(Section):
    """The planted article that shows that the whole way is open."""

    enabled: bool = Field(True, description="Plant an article now and then that must come out as an alert to nobody.")
    every_s: Seconds = Field(3600.0, ge=1, le=7 * 86400, description="How often the article is planted.")
    within_s: Seconds = Field(600.0, gt=0, le=86400, description="How soon it must have come out.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.within_s > self.every_s:
            raise ValueError("within not above every")
        return self

    @property
    def watch_s(self) -> float:
        """How often the canary and the feeds are looked at, in seconds: often enough to notice a miss soon."""
        return max(0.5, min(60.0, self.within_s / 4))


class Worker(Section):
    """The worker process."""

    concurrency: Whole = Field(2, ge=1, le=64, description="Tasks at once in one worker.")
    task_limit_s: Seconds = Field(300.0, ge=2, le=3600, description="Longest time of one task; then it is ended.")


class Exchange(Section):
    """Rates of exchange; any other key of the section is a currency with its rate."""

    refresh: bool = Field(True, description="Ask the European Central Bank for its rates once a day.")
    source: Annotated[str, AfterValidator(check_web)] = Field(
        "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
        description="Address of the bank's daily reference rates, or of a copy.",
    )


SECTIONS: dict[str, type[Section]] = {
    "general": General,
    "store": StoreSection,
    "broker": BrokerSection,
    "polling": Polling,
    "fetch": Fetch,
    "detection": Detection,
    "stories": Stories,
    "smtp": Smtp,
    "delivery": Delivery,
    "keep": Keep,
    "canary": Canary,
    "worker": Worker,
    "rates": Exchange,
}
