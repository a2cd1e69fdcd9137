"""The guarded client against real servers: what it fetches, what it refuses, and when it stops."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
import subprocess
import time
import tracemalloc
import zlib
from functools import partial
from pathlib import Path

import pytest

from tests.adapters.web import Answer, Site, answer, drip
from worker.adapters.http import HttpClient, HttpLimits
from worker.errors import FetchError
from worker.model import Cause
from worker.ports import Response

MiB = 2**20
QUICK = HttpLimits(total_s=1.0, connect_s=0.5)


def client(site: Site, limits: HttpLimits = QUICK, *allow: str) -> HttpClient:
    return HttpClient(user_agent="gigawatch/test (+https://example.org)", allow=(site.address, *allow), limits=limits)


def fetch(
    pages: dict[str, bytes | Answer],
    path: str = "/",
    *,
    headers: dict[str, str] | None = None,
    limits: HttpLimits = QUICK,
    limit: int = MiB,
) -> tuple[Response, Site]:
    """Serve `pages` and fetch one of them."""

    async def run() -> tuple[Response, Site]:
        async with Site(pages) as site, client(site, limits) as http:
            return await http.get(site.url(path), accept="*/*", headers=headers, limit=limit), site

    return asyncio.run(run())


def refused(
    pages: dict[str, bytes | Answer],
    *,
    limits: HttpLimits = QUICK,
    limit: int = MiB,
) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(pages, limits=limits, limit=limit)
    return caught.value


class TestFetching:
    def test_an_answer_comes_back_whole_with_lower_case_headers(self) -> None:
        response, site = fetch({"/": answer(200, b"<rss/>", content_type="application/rss+xml", etag='W/"1"')})
        assert (response.status, response.body, response.content_type) == (200, b"<rss/>", "application/rss+xml")
        assert response.headers["etag"] == 'W/"1"'
        assert response.permanent_url is None
        sent = site.requests[0].headers
        assert sent["user-agent"] == "gigawatch/test (+https://example.org)"
        assert sent["accept-language"] == "fr"
        assert sent["accept-encoding"] == "gzip, deflate"

    @pytest.mark.parametrize("status", [304, 404, 410, 429, 500])
    def test_every_status_is_an_answer(self, status: int) -> None:
        body = b"" if status == 304 else b"words"
        assert fetch({"/": answer(status, body)})[0].status == status

    @pytest.mark.parametrize("etag", ['"plain"', 'W/"weak"', '"café"', "unquoted", '"é\xa0x"'])
    def test_validators_go_back_byte_for_byte(self, etag: str) -> None:
        response, _ = fetch({"/": answer(200, b"x", etag=etag)})
        _, site = fetch({"/": answer(304)}, headers={"If-None-Match": response.headers["etag"]})
        assert site.requests[0].headers["if-none-match"] == etag

    def test_cookies_are_never_sent_back(self) -> None:
        pages = {"/": answer(302, location="/two", set_cookie="visitor=1; Path=/"), "/two": answer(200, b"x")}
        _, site = fetch(dict(pages))
        assert [request.path for request in site.requests] == ["/", "/two"]
        assert all("cookie" not in request.headers for request in site.requests)

    @pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "raw deflate", "identity"])
    def test_offered_codings_are_decoded(self, coding: str) -> None:
        text = b"Mistral loue des puces. " * 20_000
        raw = zlib.compressobj(wbits=-15)
        packed = {
            "gzip": gzip.compress(text),
            "x-gzip": gzip.compress(text[:100]) + gzip.compress(text[100:]),
            "deflate": zlib.compress(text),
            "raw deflate": raw.compress(text) + raw.flush(),
            "identity": text,
        }[coding]
        response, _ = fetch({"/": answer(200, packed, content_encoding=coding.removeprefix("raw "))})
        assert response.body == text

    def test_environment_proxies_are_ignored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert fetch({"/": answer(200, b"x")})[0].body == b"x"


class TestRedirects:
    def test_permanent_ones_give_the_new_home(self) -> None:
        pages = {"/": answer(301, location="/a"), "/a": answer(308, location="/b?x=1#f"), "/b?x=1": answer(200, b"x")}
        response, site = fetch(dict(pages))
        assert response.url == response.permanent_url == site_url(response, "/b?x=1")
        assert len(site.requests) == 3

    @pytest.mark.parametrize("status", [302, 303, 307])
    def test_one_temporary_hop_gives_none(self, status: int) -> None:
        pages = {"/": answer(301, location="/a"), "/a": answer(status, location="/b"), "/b": answer(200, b"x")}
        turned = {"/": answer(status, location="/a"), "/a": answer(301, location="/b"), "/b": answer(200, b"x")}
        for order in (pages, turned):
            response, _ = fetch(dict(order))
            assert response.url == site_url(response, "/b")
            assert response.permanent_url is None

    def test_five_are_followed_and_not_six(self) -> None:
        pages = {f"/{n}": answer(302, location=f"/{n + 1}") for n in range(9)}
        five = {"/": answer(302, location="/5"), **pages, "/9": answer(200, b"x")}
        assert fetch(dict(five))[0].body == b"x"
        error = refused({"/": answer(302, location="/4"), **pages, "/9": answer(200, b"x")})
        assert error.cause == Cause.REDIRECTS

    def test_a_loop_ends(self) -> None:
        assert refused({"/": answer(301, location="/")}).cause == Cause.REDIRECTS

    def test_no_control_character_of_a_redirect_is_part_of_the_address(self) -> None:
        response, _ = fetch({"/": answer(302, location="/a\x1b[31m\x9b\xc2\x9b b\x07")})
        assert response.url.isprintable()
        assert "/a%1B[31m%" in response.url

    def test_without_a_target_a_redirect_is_an_answer(self) -> None:
        assert fetch({"/": answer(302)})[0].status == 302

    @pytest.mark.parametrize(
        "target", ["file:///etc/passwd", "ftp://example.org/", "http://u:p@example.org/", "http://["]
    )
    def test_not_to_other_kinds_of_address(self, target: str) -> None:
        error = refused({"/": answer(302, location=target)})
        assert error.cause in (Cause.BLOCKED, Cause.REDIRECTS)
        assert "u:p" not in str(error)

    def test_a_secret_header_stays_with_its_host(self) -> None:
        async def run() -> None:
            async with (
                Site({"/": answer(200, b"x")}) as other,
                Site({"/": answer(302, location=other.url("/"))}) as site,
                client(site, QUICK, other.address) as http,
            ):
                headers = {"Authorization": "secret", "If-None-Match": "v"}
                await http.get(site.url("/"), accept="*/*", headers=headers, limit=MiB)
                assert "authorization" not in other.requests[0].headers
                assert other.requests[0].headers["if-none-match"] == "v"

        asyncio.run(run())


def site_url(response: Response, path: str) -> str:
    return response.url.split("/", 3)[0] + "//" + response.url.split("/", 3)[2] + path


class TestSizes:
    BOMB = b"\0" * (64 * MiB)

    @pytest.mark.parametrize("coding", ["gzip", "deflate"])
    def test_a_bomb_is_stopped_while_it_is_decoded(self, coding: str) -> None:
        packed = gzip.compress(self.BOMB) if coding == "gzip" else zlib.compress(self.BOMB)
        page = answer(200, packed, content_encoding=coding)
        started = time.monotonic()
        tracemalloc.start()
        try:
            error = refused({"/": page}, limits=HttpLimits(total_s=10), limit=MiB)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert error.cause == Cause.TOO_LARGE
        assert peak < 8 * MiB
        assert time.monotonic() - started < 2.0

    @pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip,br", "deflate, gzip", "compress"])
    def test_codings_that_were_not_offered_are_refused_unread(self, coding: str) -> None:
        packed = gzip.compress(gzip.compress(self.BOMB))
        error = refused({"/": answer(200, packed, content_encoding=coding)})
        assert error.cause == Cause.ENCODING

    def test_a_bomb_behind_a_redirect(self) -> None:
        bomb = answer(200, gzip.compress(self.BOMB), content_encoding="gzip")
        assert refused({"/": answer(302, location="/b"), "/b": bomb}).cause == Cause.TOO_LARGE

    def test_plain_bytes_have_a_limit(self) -> None:
        assert refused({"/": answer(200, b"x" * 1001)}, limit=1000).cause == Cause.TOO_LARGE
        assert fetch({"/": answer(200, b"x" * 1000)}, limit=1000)[0].body == b"x" * 1000

    def test_raw_bytes_have_a_limit_of_their_own(self) -> None:
        limits = HttpLimits(total_s=5.0, raw_bytes=1000)
        assert refused({"/": answer(200, b"x" * 1001)}, limits=limits).cause == Cause.TOO_LARGE

        async def endless(writer: asyncio.StreamWriter) -> None:
            await drip(writer, b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 300)

        assert refused({"/": endless}, limits=limits).cause == Cause.TOO_LARGE

    @pytest.mark.parametrize("damage", ["cut", "garbage"])
    def test_half_a_document_is_not_taken_for_a_whole_one(self, damage: str) -> None:
        packed = gzip.compress(bytes(range(256)) * 400)
        packed = packed[:-20] if damage == "cut" else packed[:50] + b"garbage" + packed[57:]
        assert refused({"/": answer(200, packed, content_encoding="gzip")}).cause == Cause.ENCODING

    def test_a_body_shorter_than_announced_is_an_error(self) -> None:
        async def short(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            writer.close()

        assert refused({"/": short}).cause == Cause.CONNECT


async def _silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


SLOW: dict[str, Answer] = {
    "body": partial(drip, head=b"HTTP/1.1 200 OK\r\n\r\n", piece=b"x"),
    "headers": partial(drip, head=b"HTTP/1.1 200 OK\r\n", piece=b"X-More: 1\r\n"),
    "silence": _silent,
}


class TestTime:
    @pytest.mark.parametrize("kind", SLOW)
    def test_a_slow_server_is_left_on_time(self, kind: str) -> None:
        started = time.monotonic()
        error = refused({"/": SLOW[kind]})
        assert error.cause == Cause.TIMEOUT
        assert 0.9 < time.monotonic() - started < 2.0

    def test_thirty_slow_servers_do_not_hold_up_a_healthy_one(self) -> None:
        async def run() -> tuple[float, list[Response | BaseException]]:
            async with contextlib.AsyncExitStack() as stack:
                slow = [await stack.enter_async_context(Site({"/": SLOW["body"]})) for _ in range(30)]
                healthy = await stack.enter_async_context(Site({"/": answer(200, b"x")}))
                allow = tuple(site.address for site in slow)
                http = await stack.enter_async_context(client(healthy, HttpLimits(total_s=2), *allow))
                waiting = [asyncio.create_task(http.get(site.url("/"), accept="*/*", limit=MiB)) for site in slow]
                while not all(site.requests for site in slow):
                    await asyncio.sleep(0.01)
                started = time.monotonic()
                assert (await http.get(healthy.url("/"), accept="*/*", limit=MiB)).body == b"x"
                return time.monotonic() - started, await asyncio.gather(*waiting, return_exceptions=True)

        took, slow = asyncio.run(run())
        assert took < 1.0
        assert [error.cause for error in slow if isinstance(error, FetchError)] == [Cause.TIMEOUT] * 30

    def test_a_closed_port_is_said_to_be_one(self) -> None:
        async def run() -> FetchError:
            async with Site() as site:
                address = site.address
            async with HttpClient(user_agent="t", allow=(address,), limits=QUICK) as http:
                with pytest.raises(FetchError) as caught:
                    await http.get(f"http://{address}/", accept="*/*", limit=MiB)
                return caught.value

        assert asyncio.run(run()).cause == Cause.CONNECT

    def test_a_name_that_does_not_exist(self) -> None:
        async def run() -> None:
            async with HttpClient(user_agent="t", limits=HttpLimits(total_s=10)) as http:
                await http.get("http://no-such-name.invalid/feed?token=secret", accept="*/*", limit=MiB)

        with pytest.raises(FetchError, match=r"no-such-name\.invalid") as caught:
            asyncio.run(run())
        assert caught.value.cause == Cause.DNS
        assert "secret" not in str(caught.value)

    def test_what_is_not_http_is_a_broken_connection(self) -> None:
        assert refused({"/": b"SSH-2.0-OpenSSH\r\n\r\n"}).cause == Cause.CONNECT


class TestTls:
    def test_plain_http_at_an_https_address(self) -> None:
        async def run() -> FetchError:
            async with Site() as site, client(site) as http:
                with pytest.raises(FetchError) as caught:
                    await http.get(f"https://{site.address}/", accept="*/*", limit=MiB)
                return caught.value

        assert asyncio.run(run()).cause in (Cause.TLS, Cause.TIMEOUT)

    def test_a_certificate_that_nobody_signed_is_refused(self, tmp_path: Path) -> None:
        context = self.context(tmp_path)

        async def run() -> FetchError:
            served = asyncio.Event()

            async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                served.set()
                writer.close()

            server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
            address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with server, HttpClient(user_agent="t", allow=(address,), limits=QUICK) as http:
                with pytest.raises(FetchError) as caught:
                    await http.get(f"https://{address}/", accept="*/*", limit=MiB)
                return caught.value

        assert asyncio.run(run()).cause == Cause.TLS

    @staticmethod
    def context(folder: Path) -> ssl.SSLContext:
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        try:
            subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        except FileNotFoundError:
            pytest.skip("needs the command openssl, to make a certificate")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        return context


def post(page: bytes | Answer, timeout: float = 2.0) -> tuple[Response, Site]:
    async def run() -> tuple[Response, Site]:
        async with Site({"/hook/secret": page}) as site, client(site) as http:
            headers = {"content-type": "application/json", "webhook-id": "msg_1"}
            return await http.post(
                site.url("/hook/secret"), body=b'{"a":"\xc3\xa9"}', headers=headers, timeout=timeout
            ), site

    return asyncio.run(run())


class TestPost:
    def test_the_body_arrives_byte_for_byte(self) -> None:
        response, site = post(answer(204))
        assert response.status == 204
        assert site.requests[0].method == "POST"
        assert site.requests[0].body == b'{"a":"\xc3\xa9"}'
        assert site.requests[0].headers["webhook-id"] == "msg_1"

    def test_a_redirect_is_an_answer_and_is_not_followed(self) -> None:
        response, site = post(answer(307, location="/hook/secret"))
        assert response.status == 307
        assert len(site.requests) == 1

    def test_an_endless_answer_is_cut_and_its_status_kept(self) -> None:
        response, _ = post(partial(drip, head=b"HTTP/1.1 200 OK\r\n\r\n", piece=b"x" * 50_000))
        assert response.status == 200
        assert len(response.body) == 20_000

    def test_a_slow_answer_is_left_and_its_status_kept(self) -> None:
        started = time.monotonic()
        response, _ = post(partial(drip, head=b"HTTP/1.1 202 OK\r\n\r\n", piece=b"x"), timeout=0.6)
        assert response.status == 202
        assert time.monotonic() - started < 2.0

    def test_a_bomb_in_the_answer_costs_nothing(self) -> None:
        response, _ = post(answer(200, gzip.compress(TestSizes.BOMB), content_encoding="gzip"))
        assert response.status == 200
        assert len(response.body) <= 20_000

    def test_an_answer_in_an_unknown_coding_is_still_an_answer(self) -> None:
        assert post(answer(200, b"\x8b", content_encoding="br"))[0].status == 200

    def test_silence_ends_on_time_and_the_secret_path_is_not_told(self) -> None:
        with pytest.raises(FetchError) as caught:
            post(_silent, timeout=0.5)
        assert caught.value.cause == Cause.TIMEOUT
        assert "secret" not in str(caught.value)
