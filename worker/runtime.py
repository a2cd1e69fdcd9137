"""The composition root: settings become adapters, adapters become the parts that the steps are given."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

from worker import __version__
from worker.adapters.canary import CanaryFetcher
from worker.adapters.chat import ChatChannel
from worker.adapters.clock import SharedClock, SystemClock
from worker.adapters.console import ConsoleChannel
from worker.adapters.disk import usage
from worker.adapters.http import ANSWER_S, HttpClient, HttpLimits
from worker.adapters.masked import MaskedChannel, hidden
from worker.adapters.parsing import IsolatedParser
from worker.adapters.robots import EveryPage, Robots
from worker.adapters.smtp import LONGEST, SmtpChannel
from worker.adapters.store import Store
from worker.adapters.turn import Turn
from worker.adapters.webhook import WebhookChannel
from worker.errors import Fault, GigawatchError, UsageError
from worker.masking import Mask
from worker.model import ChannelKind
from worker.pipeline import canary
from worker.pipeline.detection import Detector
from worker.pipeline.feeds import PollLimits
from worker.pipeline.messages import Letterhead, Links, Messages, Templates
from worker.pipeline.messages.rehearsal import rehearse
from worker.ports import Channel, Clock, Fetcher, Parser
from worker.settings import Settings, mask_of
from worker.settings.companies import Companies
from worker.steps import Parts, Policy
from worker.steps.parts import SENDING_S
from worker.steps.prune import SORTS

log = logging.getLogger("gigawatch.runtime")

# Besides the fetching, for what is made of a document.
_PARSING_S = 40.0


def database_url(settings: Settings) -> str:
    """Return the store's address: the configured one, or a SQLite file in the data folder."""
    return settings.database_url


def user_agent(settings: Settings) -> str:
    """Return the honest name under which gigawatch fetches, with the operator's contact."""
    contact = settings.general.contact
    return f"gigawatch/{__version__} (+{contact})" if contact else f"gigawatch/{__version__}"


def policy(settings: Settings) -> Policy:
    """Return the numbers of the steps."""
    polling, fetch = settings.polling, settings.fetch
    return Policy(
        limits=PollLimits(polling.min_interval_s, polling.max_interval_s, polling.jitter),
        poll_batch=polling.batch,
        recent=timedelta(days=settings.stories.recent_days),
        host_gap_s=polling.host_gap_s,
        feed_bytes=fetch.feed_bytes,
        page_bytes=fetch.page_bytes,
        request_s=fetch.total_s,
        work_s=min(100.0, settings.worker.task_limit_s / 3),
        lease_s=fetch.total_s + _PARSING_S,
        sending_s={
            **SENDING_S,
            # A receiver's word is its status; for what it says besides it has a few seconds more.
            ChannelKind.WEBHOOK: settings.delivery.webhook_timeout_s + ANSWER_S,
            ChannelKind.EMAIL: LONGEST * settings.smtp.timeout_s,
        },
        quiet_s=polling.sweep_s,
        story_window=timedelta(days=settings.stories.window_days),
        loop_window_days=settings.stories.loop_window_days,
        copy_window=timedelta(days=settings.stories.copy_days),
        digest_wait=timedelta(seconds=settings.delivery.digest_wait_s),
        retry_factor=settings.delivery.factor,
        keep={sort: timedelta(seconds=getattr(settings.keep, f"{sort}_s")) for sort in SORTS},
        rates_source=settings.exchange.source if settings.exchange.refresh else "",
        canary_every=timedelta(seconds=settings.canary.every_s) if settings.canary.enabled else None,
        canary_within=timedelta(seconds=settings.canary.within_s),
        watch_late_s=watch_late_s(settings),
        watch_missed_s=3 * watch_late_s(settings),
    )


def messages(settings: Settings, *, on_fault: Callable[[Fault], None]) -> Messages:
    """Return what words the alerts; `on_fault` is told of templates that cannot be used."""
    smtp = settings.smtp
    links = Links(smtp.unsubscribe or smtp.sender, smtp.page, smtp.page_key.get_secret_value())
    templates = Templates(
        settings.templates,
        product=__version__,
        packaged=settings.packaged_templates,
        folder=settings.template_folder,
        on_fault=on_fault,
    )
    letterhead = Letterhead(smtp.sender, smtp.message_domain, links)
    return Messages(templates, letterhead=letterhead, language=settings.general.language)


def template_faults(settings: Settings, now: datetime) -> tuple[Fault, ...]:
    """Return what is wrong with the templates of one's own, each fault once."""
    found: dict[Fault, None] = {}
    rehearse(messages(settings, on_fault=lambda fault: found.setdefault(fault)), now)
    return tuple(found)


def watch_late_s(settings: Settings) -> float:
    """Return how old the last watch may be, in seconds, before it counts as missing: three of its periods, at least a
    few seconds for a busy machine."""
    return max(4.0, 3 * settings.canary.watch_s + 2.0)


class OwnParser(Parser, Protocol):
    """A parser that is closed with the runtime."""

    def close(self) -> None:
        """End what it holds."""
        ...


@dataclass(frozen=True)
class Runtime:
    """Everything that one process works with. Make one per process; close it at the end."""

    settings: Settings
    clock: Clock
    store: Store
    loaded: Detector | None = None
    parser: OwnParser = field(default_factory=IsolatedParser)

    @cached_property
    def detector(self) -> Detector:
        """Return the detector; raises ConfigError for companies, lexicon or weights that cannot be used."""
        return self.loaded or load_detector(self.settings)

    @cached_property
    def mask(self) -> Mask:
        """Return what hides the secrets of the settings."""
        return mask_of(self.settings)

    @property
    def threshold(self) -> float:
        """Return the score from which the detector calls an article a deal."""
        own = self.settings.detection.threshold
        return float(self.settings.weights["threshold"]) if own is None else own

    @cached_property
    def messages(self) -> Messages:
        """Return what words the alerts; a template that cannot be used is logged, and the packaged one used."""
        return messages(self.settings, on_fault=lambda fault: log.error("%s", fault))

    @cached_property
    def _robots_cache(self) -> Robots:
        return Robots("gigawatch")

    def fetcher(self) -> AbstractAsyncContextManager[Fetcher]:
        """Return a new guarded HTTP client, to be used inside one event loop; it knows the canary's site too."""
        return CanaryFetcher(self._client, host=canary.HOST, serve=self._canary_page)

    def _canary_page(self, path: str) -> tuple[int, str, bytes]:
        try:
            runs = self.store.canary_runs(limit=1)
        except GigawatchError as error:
            return 503, "text/plain; charset=utf-8", str(error).encode()
        return canary.document(runs[0] if runs else None, path)

    def _client(self, besides: tuple[str, ...]) -> HttpClient:
        fetch = self.settings.fetch
        return HttpClient(
            user_agent=user_agent(self.settings),
            allow=(*fetch.allow, *besides),
            limits=HttpLimits(
                total_s=fetch.total_s, connect_s=fetch.connect_s, raw_bytes=fetch.raw_bytes, redirects=fetch.redirects
            ),
        )

    def channels(self, fetcher: Fetcher) -> Mapping[ChannelKind, Channel]:
        """Return the ways out that the settings make possible."""
        settings = self.settings
        smtp = settings.smtp
        masked = partial(MaskedChannel, mask=self.mask)
        found: dict[ChannelKind, Channel] = {
            ChannelKind.CONSOLE: masked(ConsoleChannel(sys.stdout, path=settings.general.data / "alerts.log")),
            ChannelKind.WEBHOOK: masked(WebhookChannel(fetcher, timeout=settings.delivery.webhook_timeout_s)),
            ChannelKind.CHAT: masked(ChatChannel(settings.delivery.chat_servers)),
        }
        if smtp.host:
            found[ChannelKind.EMAIL] = masked(self._relay())
        return found

    def _check_relay(self) -> None:
        with hidden(self.mask):
            self._relay().check()

    def _relay(self) -> SmtpChannel:
        smtp = self.settings.smtp
        return SmtpChannel(
            smtp.host,
            smtp.port,
            security=smtp.security,
            user=smtp.user,
            password=smtp.password.get_secret_value(),
            sender=smtp.sender,
            timeout=smtp.timeout_s,
        )

    @cached_property
    def parts(self) -> Parts:
        """Return what the steps are given."""
        settings = self.settings
        return Parts(
            store=self.store,
            clock=self.clock,
            detector=lambda: self.detector,
            messages=lambda: self.messages,
            fetcher=self.fetcher,
            parser=self.parser,
            robots=self._robots_cache.over if settings.fetch.obey_robots else (lambda _fetcher: EveryPage()),
            channels=self.channels,
            turn=Turn(settings.general.data / "deliver.lock"),
            rules=settings.rules,
            recipients=settings.recipients,
            rates=settings.rates,
            policy=policy(settings),
            quotes=settings.quotes,
            countries=Companies(settings.companies).countries,
            system=settings.system,
            relay=self._check_relay if settings.smtp.host else None,
            disk=lambda: usage(settings.general.data),
        )

    def close(self) -> None:
        """Close the store's connections and end the parser's process."""
        self.parser.close()
        self.store.close()


def make_data_folder(folder: Path) -> None:
    """Make the data folder where it is not yet; raises UsageError that names it where it cannot be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the data folder {folder} cannot be made ({error.strerror}); choose another with --data or GIGAWATCH_DATA"
        ) from error


def load_detector(settings: Settings) -> Detector:
    """Build the detector; raises ConfigError for companies, lexicon or weights that cannot be used."""
    threshold = settings.detection.threshold
    weights = settings.weights if threshold is None else {**settings.weights, "threshold": threshold}
    return Detector.from_tables(companies=settings.companies, lexicon=settings.lexicon, weights=weights)


def clock_of(store: Store) -> Clock:
    """Return the clock of all who share a store: the server's, where several machines may."""
    return SystemClock() if store.is_sqlite else SharedClock(store.now)


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    detector: Detector | None = None,
    parser: OwnParser | None = None,
    life: str = "",
) -> Runtime:
    """Compose a runtime; nothing is opened before it is used.

    A `detector` loaded before a fork is shared by the children, and so is the `life` of the worker that they are of.
    """
    make_data_folder(settings.general.data)
    store = Store(database_url(settings), mask=mask_of(settings), life=life)
    return Runtime(settings, clock or clock_of(store), store, detector, parser or IsolatedParser())
