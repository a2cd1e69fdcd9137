"""Durations, sizes and the other small values that people write in a configuration file.

Each reader takes what TOML or an environment variable gave and returns a plain value, or raises ValueError whose text
is `what was expected`, ready to be shown.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from typing import Annotated, Any

import soupsieve
from pydantic import AfterValidator, BeforeValidator, Strict

from worker import text

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|min|m|h|d)\s*)+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min|m|h|d)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 10 * 366 * 86400.0  # beyond any use, and far from where dates overflow
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|KiB|MB|MiB|GB|GiB)?", re.IGNORECASE)
_UNIT_BYTES = {"": 1, "b": 1, "kb": 10**3, "kib": 2**10, "mb": 10**6, "mib": 2**20, "gb": 10**9, "gib": 2**30}
_MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_HOST_PORT = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):(\d{1,5})", re.IGNORECASE)
_SERVER = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::(\d{1,5}))?", re.IGNORECASE)

DURATION = 'a duration such as "15m", "2s", "1h30m", or a number of seconds'
SIZE = 'a size such as "10 MiB", or a number of bytes'


def read_duration(value: Any) -> float:
    """Return seconds from `"1h30m"`, `"500ms"`, `"2s"`, `"15min"`, `"7d"`, a number or a number in a text."""
    written = value.strip() if isinstance(value, str) else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif re.fullmatch(r"\d+(?:\.\d+)?", written):
        seconds = float(written)
    elif _DURATION.fullmatch(written):
        seconds = sum(float(number) * _UNIT_SECONDS[unit] for number, unit in _DURATION_PART.findall(written))
    else:
        raise ValueError(DURATION)
    if not abs(seconds) <= _LONGEST:  # not a number, too
        raise ValueError(DURATION)
    return seconds


def read_size(value: Any) -> int:
    """Return bytes from `"10 MiB"`, `"500 kB"` or a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError(SIZE)
    return int(float(match[1]) * _UNIT_BYTES[(match[2] or "").lower()])


def read_list(value: Any) -> Any:
    """Return a list from an environment variable's comma-separated text; all else is left for the type to judge."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def read_number(value: Any) -> Any:
    """Refuse the booleans that would count as 0 and 1."""
    if isinstance(value, bool):
        raise ValueError("a number")
    return value


def check_id(value: str) -> str:
    """Return an id fit for a file name, a mail header and a table: lower-case letters, digits, dash, underscore."""
    if not _ID.fullmatch(value):
        raise ValueError("at most 64 lower-case letters, digits, - and _, a letter or digit first")
    return value


def check_line(value: str) -> str:
    """Return a text fit for a header line: no line break, no control character."""
    if not value.isprintable():
        raise ValueError("one line without control characters")
    return value


def check_web(value: str) -> str:
    """Return an absolute http or https address without a user name."""
    if not text.is_web_address(value):
        raise ValueError("a web address such as https://example.org/feed, without a user name")
    return value


def check_mail(value: str) -> str:
    """Return a bare e-mail address (`name@host`); anything that could end a mail header is refused."""
    if not _MAIL.fullmatch(value):
        raise ValueError("an e-mail address such as desk@example.org, without a display name")
    return value


def check_selector(value: str) -> str:
    """Return a CSS selector that the page reader understands; empty means none."""
    if value:
        try:
            soupsieve.compile(value)
        except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
            raise ValueError(f"a CSS selector; {str(error).splitlines()[0].rstrip('.')}") from None
    return value


def check_signing_secret(value: str) -> str:
    """Return a Standard Webhooks secret: `whsec_` and the base64 of 24 to 64 bytes (specification 1.0.0)."""
    expected = "whsec_ followed by the base64 of 24 to 64 random bytes"
    if not value.startswith("whsec_"):
        raise ValueError(expected)
    try:
        size = len(base64.b64decode(value.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        raise ValueError(expected) from None
    if not 24 <= size <= 64:
        raise ValueError(f"{expected}; this one has {size}")
    return value


def check_allowed(value: str) -> str:
    """Return one entry of the allow list for private addresses: `host:port`, an address or a network in CIDR form."""
    match = _HOST_PORT.fullmatch(value)
    if match and 0 < int(match[1]) < 65536:
        return value
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError('"host:port", an IP address or a network such as "10.0.0.0/8"') from None
    return value


def check_server(value: str) -> str:
    """Return the name of one server, `host` or `host:port`, in lower case."""
    match = _SERVER.fullmatch(value)
    if not match or not 0 < int(match[1] or 1) < 65536:
        raise ValueError('"host" or "host:port", such as "chat.example.org"')
    return value.lower()


Seconds = Annotated[float, BeforeValidator(read_duration)]
Bytes = Annotated[int, BeforeValidator(read_size)]
Number = Annotated[float, BeforeValidator(read_number)]
Whole = Annotated[int, BeforeValidator(read_number)]
Truth = Annotated[bool, Strict()]
Line = Annotated[str, AfterValidator(check_line)]
