"""The one tree of errors.

Foreign errors are translated where they enter (an adapter, the settings reader); above that line only these travel.
`retryable` says whether the same work can succeed later without anybody changing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class GigawatchError(Exception):
    """Root of the tree."""

    retryable: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a configuration.

    `where` names the file and, where known, the line (`config/alerts.toml:12`) or the variable; `key` the dotted key;
    `problem` what is wrong; `expected` what would be right, "did you mean" included.
    """

    where: str
    key: str
    problem: str
    expected: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: {self.key}" if self.key else self.where
        return f"{place}: {self.problem}" + (f" ({self.expected})" if self.expected else "")


class ConfigError(GigawatchError):
    """The configuration cannot be used; carries every fault found, not the first one alone."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class FetchError(GigawatchError):
    """A document could not be had over HTTP.

    `cause` is one word of `worker.model.Cause`; `retry_after` is in seconds, as the server asked.
    """

    def __init__(
        self, cause: str, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.status = status
        self.retry_after = retry_after


class BlockedAddress(FetchError):
    """The address is one that gigawatch never connects to (private, loopback, a scheme or port outside the rules)."""


class ParseError(GigawatchError):
    """A document arrived but is not what it should be; `cause` is one word of `worker.model.Cause`."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class ParserDied(ParseError):
    """Reading a document took more memory or time than is given, or took the parser's process down."""


class ParserBusy(GigawatchError):
    """Other documents were read for so long that this one's turn did not come; it is not to blame."""

    retryable = True


class DeliveryError(GigawatchError):
    """An alert was not accepted.

    `permanent` means that the receiver refused this alert for good (SMTP 5xx, HTTP 410); `disable` that the receiver
    wants nothing further; `retry_after` is in seconds; `response` is what the receiver said, cut to 20,000 bytes.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        disable: bool = False,
        retry_after: float | None = None,
        response: str = "",
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.disable = disable
        self.retry_after = retry_after
        self.response = response


class StoreError(GigawatchError):
    """The store refused or is in a state that a person must look at (schema too new, disk full, corrupt file)."""


class StoreUnavailable(StoreError):
    """The store cannot be reached just now."""

    retryable = True


class BrokerUnavailable(GigawatchError):
    """The queue cannot be reached just now; the store keeps the work and `sweep` rings again."""

    retryable = True


class UsageError(GigawatchError):
    """A command was given something that it cannot use; the message says what and how to put it right."""


class DecisionError(GigawatchError):
    """A decision on stories that cannot be taken or taken back; `reason` is one word, and `values` what it is about."""

    def __init__(self, reason: str, **values: str) -> None:
        super().__init__(" ".join([reason, *values.values()]))
        self.reason = reason
        self.values = values
