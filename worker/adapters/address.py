"""Which addresses gigawatch connects to: decided on the address really dialled, at the moment of dialling.

A check before connecting is not enough: names change between the check and the connection (DNS rebinding), a redirect
brings a new name, and `127.1`, `0x7f000001` or `::ffff:127.0.0.1` are only understood by the resolver. The standard
library's `ipaddress.is_global` is not enough either: on Python 3.11 it calls multicast, NAT64 and 6to4 global
(CVE-2024-4032 and its like), hence the tables below.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import Executor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore

from worker.errors import BlockedAddress, FetchError
from worker.model import Cause

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_IF_YOURS = "if it is yours, name it in `allow` of [fetch], as host:port or as a network"
PORTS = frozenset({80, 443, 8080, 8443})

# IANA special-purpose registry for IPv4 (RFC 6890 and later), multicast, reserved, and one address of a cloud's host
# network that lies in public space. The words are those that a person is told.
_DENIED_4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), words)
    for network, words in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.0.0/16", "link local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "reserved (AS112)"),
        ("192.52.193.0/24", "reserved (AMT)"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved (AS112)"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
# Only 2000::/3 is given out for the public internet (RFC 4291); within it, what the special-purpose registry takes out.
_PUBLIC_6 = IPv6Network("2000::/3")
_DENIED_6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), words)
    for network, words in (
        ("2001::/23", "reserved for protocols (Teredo and others)"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "reserved (AS112)"),
        ("3ffe::/16", "6bone"),
        ("3fff::/20", "documentation"),
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_OUTSIDE_6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), words)
    for network, words in (
        ("::1/128", "loopback"),
        ("::/96", "this host"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link local"),
        ("fec0::/10", "site local"),
        ("ff00::/8", "multicast"),
    )
)


def unwrap(address: Address) -> Address:
    """Return the IPv4 address inside a mapped (::ffff:0:0/96) or NAT64 (64:ff9b::/96) one, else `address` itself."""
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def refusal(address: Address) -> str:
    """Return why `address` is not of the public internet, in a few words; "" if it is."""
    address = unwrap(address)
    if isinstance(address, IPv4Address):
        return next((words for network, words in _DENIED_4 if address in network), "")
    if address not in _PUBLIC_6:
        return next((words for network, words in _OUTSIDE_6 if address in network), "not public")
    inside = next((words for network, words in _DENIED_6 if address in network), "")
    if not inside and (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE:  # ISATAP (RFC 5214): an IPv4 address inside
        inside = refusal(IPv4Address(int(address) & 0xFFFFFFFF))
    return inside


class Guard:
    """The rules of one client. `allow` holds `host:port` (a name or an address) and networks in CIDR form.

    `host:port` with a name lets that name be dialled at that port wherever it resolves to; with an address, that
    address and port under any name; a network, any of its addresses at any port. Nothing else opens a port beyond
    `PORTS` or an address that is not public. Raises ValueError for an entry that is neither.
    """

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._names: set[tuple[str, int]] = set()
        self._addresses: set[tuple[Address, int]] = set()
        self._networks: list[Network] = []
        for entry in allow:
            self._add(entry.strip())

    def _add(self, entry: str) -> None:
        if "/" in entry:
            self._networks.append(ip_network(entry, strict=False))
            return
        host, colon, port = entry.rpartition(":")
        host = host.strip("[]").rstrip(".").casefold()
        if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f'"{entry}" is neither host:port nor a network such as 10.0.0.0/8')
        try:
            self._addresses.add((unwrap(ip_address(host)), int(port)))
        except ValueError:
            self._names.add((host, int(port)))

    def refusal(self, host: str, address: str, port: int) -> str:
        """Return which rule forbids dialling `address`:`port` for `host`; "" if none does."""
        if (host.rstrip(".").casefold(), port) in self._names:
            return ""
        found = unwrap(ip_address(address.partition("%")[0]))
        if (found, port) in self._addresses or any(found in network for network in self._networks):
            return ""
        words = refusal(found)
        if words:
            return f"{found} is {words}"
        return "" if port in PORTS else f"port {port} is not among {', '.join(map(str, sorted(PORTS)))}"


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Dials for httpcore: resolves, asks the guard about every address, connects to the number that was checked.

    TLS still verifies the name, as httpcore hands it to `start_tls` separately. `resolver` is an own executor, because
    a resolver that hangs would hold asyncio's shared one, and the end of the event loop with it.
    """

    def __init__(self, guard: Guard, resolver: Executor) -> None:
        self._guard = guard
        self._resolver = resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address of `host` that answers.

        Raises BlockedAddress where none is allowed, FetchError(dns) for a name that does not resolve.
        """
        addresses = await self._resolve(host, port)
        refused = {address: self._guard.refusal(host, address, port) for address in addresses}
        open_addresses = [address for address in addresses if not refused[address]]
        if not open_addresses:
            raise BlockedAddress(Cause.BLOCKED, f"{next(iter(refused.values()))}; {_IF_YOURS}")
        for position, address in enumerate(open_addresses, start=1):
            # The first of several gets part of the time, so that a dead IPv6 route does not cost the whole request.
            share = timeout if timeout is None or position == len(open_addresses) else timeout / 2
            try:
                return await self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == len(open_addresses):
                    raise
        raise AssertionError("unreachable: the last address either connects or raises")

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._resolver, _addresses, host, port)
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise FetchError(Cause.DNS, f"the name {host} does not resolve ({reason})") from error
        return list(dict.fromkeys(found))[:8]


def _addresses(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
