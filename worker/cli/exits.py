"""Exit codes of every command: the one place that defines them."""

from __future__ import annotations

from worker.errors import BrokerUnavailable, ConfigError, GigawatchError, StoreError, UsageError

OK = 0
FAILED = 1  # what was asked could not be done, or the answer is no
USAGE = 2  # the command line, an input file or the configuration is wrong
DOWN = 3  # a part that gigawatch needs (store, broker) cannot be reached or used
INTERRUPTED = 130  # Ctrl-C, as shells count it: 128 + SIGINT

MEANINGS = {
    OK: "done",
    FAILED: "what was asked failed",
    USAGE: "wrong usage, input or configuration",
    DOWN: "a part is down (store, broker)",
    INTERRUPTED: "interrupted",
}


def code_of(error: GigawatchError) -> int:
    """Return the exit code that tells a caller what kind of trouble this is."""
    if isinstance(error, ConfigError | UsageError):
        return USAGE
    if isinstance(error, StoreError | BrokerUnavailable):
        return DOWN
    return FAILED
