"""Which addresses are dialled: every spelling of a forbidden one, with a canary that counts connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.web import Site, answer
from worker.adapters import address
from worker.adapters.address import Guard, GuardedBackend, refusal
from worker.adapters.http import HttpClient, HttpLimits
from worker.errors import BlockedAddress, FetchError
from worker.model import Cause

MiB = 2**20
QUICK = HttpLimits(total_s=1.0, connect_s=0.5)


# Loopback and its neighbours, in every spelling that some resolver or parser understands.
SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1",
    "127.0.0.1.", "localhost", "LOCALHOST", "localhost.", "0.0.0.0", "0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]", "[2001:0:7f00:1::]", "127.127.127.127", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1",
]  # fmt: skip
PRIVATE = [
    "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200", "198.18.0.1",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.0.192", "168.63.129.16", "[fe80::1]", "[fc00::1]",
    "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]", "[2001:db8::1]", "[64:ff9b::a9fe:a9fe]",
    "[::ffff:169.254.169.254]", "[2002:a00:1::]", "[2a01:4f8::5efe:10.0.0.1]", "[3fff::1]", "[4000::1]",
]  # fmt: skip


class TestRefusedAddresses:
    @pytest.mark.parametrize("host", SPELLINGS)
    def test_loopback_in_any_spelling_gets_no_connection(self, host: str) -> None:
        async def run() -> tuple[FetchError, int]:
            async with Site({"/": answer(200, b"secret")}) as canary:
                url = f"http://{host}:{canary.port}/"
                redirect = {
                    "/": answer(302, location=f"http://{host.encode('ascii', 'ignore').decode()}:{canary.port}/")
                }
                async with (
                    Site(dict(redirect)) as site,
                    HttpClient(user_agent="t", allow=(site.address,), limits=QUICK) as http,
                ):
                    with pytest.raises(FetchError) as direct:
                        await http.get(url, accept="*/*", limit=MiB)
                    with pytest.raises(FetchError):
                        await http.get(site.url("/"), accept="*/*", limit=MiB)
                    with pytest.raises(FetchError):
                        await http.post(url, body=b"{}", headers={}, timeout=1.0)
                return direct.value, canary.connections

        error, connections = asyncio.run(run())
        assert connections == 0
        assert error.cause in (Cause.BLOCKED, Cause.DNS)

    @pytest.mark.parametrize("host", PRIVATE)
    def test_private_and_special_networks_are_named_as_such(self, host: str) -> None:
        async def run() -> None:
            async with HttpClient(user_agent="t", limits=QUICK) as http:
                await http.get(f"http://{host}/", accept="*/*", limit=MiB)

        with pytest.raises(BlockedAddress, match=r" is .*allow"):
            asyncio.run(run())

    @pytest.mark.parametrize(
        "url",
        ["ftp://example.org/", "file:///etc/passwd", "/etc/passwd", "", "http://", "http://a:b@example.org/", "gopher://x",
         "http://example.org:99999/", "http://[::1", "javascript:alert(1)", "http://exa mple.org/", "http://*/"],
    )  # fmt: skip
    def test_only_plain_web_addresses(self, url: str) -> None:
        async def run() -> None:
            async with HttpClient(user_agent="t", limits=QUICK) as http:
                await http.get(url, accept="*/*", limit=MiB)

        with pytest.raises(FetchError) as caught:
            asyncio.run(run())
        assert caught.value.cause in (Cause.BLOCKED, Cause.DNS)
        assert "a:b" not in str(caught.value)

    def test_a_port_beyond_the_usual_ones_is_refused_on_a_public_address(self) -> None:
        async def run() -> None:
            async with HttpClient(user_agent="t", limits=QUICK) as http:
                await http.get("http://1.1.1.1:22/", accept="*/*", limit=MiB)

        with pytest.raises(BlockedAddress, match="port 22"):
            asyncio.run(run())


class TestAllowList:
    @pytest.mark.parametrize(
        "entry", ["127.0.0.1:{port}", "localhost:{port}", "127.0.0.0/8", "[::ffff:127.0.0.1]:{port}"]
    )
    def test_what_it_names_is_reached(self, entry: str) -> None:
        async def run() -> bytes:
            async with contextlib.AsyncExitStack() as stack:
                site = await stack.enter_async_context(Site({"/": answer(200, b"x")}))
                allow = (entry.format(port=site.port),)
                http = await stack.enter_async_context(HttpClient(user_agent="t", allow=allow, limits=QUICK))
                host = "localhost" if entry.startswith("localhost") else "127.0.0.1"
                return (await http.get(f"http://{host}:{site.port}/", accept="*/*", limit=MiB)).body

        assert asyncio.run(run()) == b"x"

    def test_its_neighbour_is_not(self) -> None:
        async def run() -> int:
            async with Site({"/": answer(200, b"x")}) as site, Site({"/": answer(200, b"x")}) as canary:
                async with HttpClient(user_agent="t", allow=(site.address,), limits=QUICK) as http:
                    with pytest.raises(BlockedAddress):
                        await http.get(canary.url("/"), accept="*/*", limit=MiB)
                    with pytest.raises(BlockedAddress):
                        await http.get(f"http://127.0.0.2:{site.port}/", accept="*/*", limit=MiB)
                return canary.connections

        assert asyncio.run(run()) == 0

    @pytest.mark.parametrize("entry", ["example.org", "example.org:", ":80", "10.0.0.0/99", "example.org:http", "a:0"])
    def test_an_entry_that_means_nothing_is_an_error(self, entry: str) -> None:
        with pytest.raises(ValueError, match=r".+"):
            HttpClient(user_agent="t", allow=(entry,))


class TestNames:
    """Names that resolve to what must not be dialled. The resolver is replaced, since no test may ask a real one."""

    @staticmethod
    def resolving(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]) -> None:
        def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in found]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

    def test_a_name_for_loopback_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def run() -> int:
            async with Site() as canary, HttpClient(user_agent="t", limits=QUICK) as http:
                self.resolving(monkeypatch, [["127.0.0.1"]])
                with pytest.raises(BlockedAddress, match="loopback"):
                    await http.get(f"http://rebound.example:{canary.port}/", accept="*/*", limit=MiB)
                return canary.connections

        assert asyncio.run(run()) == 0

    def test_what_counts_is_the_answer_at_the_time_of_dialling(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rebinding name: allowed the first time (the answer carries the test's address), loopback the second."""

        async def run() -> None:
            async with Site({"/": answer(302, location="/next", connection="close")}) as site:
                guard_allows = (site.address,)
                async with HttpClient(user_agent="t", allow=guard_allows, limits=QUICK) as http:
                    self.resolving(monkeypatch, [["127.0.0.1"], ["127.0.0.2"]])
                    with pytest.raises(BlockedAddress, match=r"127\.0\.0\.2 is loopback"):
                        await http.get(f"http://rebound.example:{site.port}/", accept="*/*", limit=MiB)
                assert [request.path for request in site.requests] == ["/"]

        asyncio.run(run())

    def test_of_mixed_answers_only_the_allowed_are_dialled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def run() -> list[str]:
            async with Site() as site:
                self.resolving(monkeypatch, [["::1", "10.0.0.1", "127.0.0.1"]])
                backend = GuardedBackend(Guard([site.address]), ThreadPoolExecutor(1))
                stream = await backend.connect_tcp("mixed.example", site.port, timeout=1.0)
                dialled = stream.get_extra_info("server_addr")
                await stream.aclose()
                return [str(dialled[0])]

        assert asyncio.run(run()) == ["127.0.0.1"]


class TestTables:
    @pytest.mark.parametrize("host", ["1.1.1.1", "8.8.8.8", "2a00:1450:4007::1", "2606:4700::1111",
                                      "64:ff9b::808:808", "::ffff:8.8.8.8", "100.63.0.1", "172.32.1.1"])  # fmt: skip
    def test_the_public_internet_is_open(self, host: str) -> None:
        assert refusal(ip_address(host)) == ""

    @given(st.ip_addresses())
    def test_nothing_that_python_calls_special_is_open(self, found: Any) -> None:
        """Ours is the stricter list, but for NAT64, whose inside is looked at."""
        special = (
            found.is_private or found.is_loopback or found.is_multicast or found.is_link_local or found.is_reserved
        )
        if special and address.unwrap(found) == found:
            assert refusal(found) != ""

    @given(st.ip_addresses(v=4))
    def test_an_embedded_address_is_judged_as_itself(self, found: Any) -> None:
        for prefix in ("::ffff:", "64:ff9b::"):
            assert refusal(ip_address(f"{prefix}{found}")) == refusal(found)
