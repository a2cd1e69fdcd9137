"""No code path around the guarded client: every security hole of this field was a fetch that forgot its guard."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import worker

ROOM = Path(worker.__file__).parent
CLIENTS = ("httpx", "httpcore", "requests", "aiohttp", "urllib3", "urllib.request", "http.client", "ftplib", "pycurl")
GUARDED = {"adapters/http.py", "adapters/address.py"}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def sources() -> dict[str, ast.Module]:
    return {path.relative_to(ROOM).as_posix(): ast.parse(path.read_text("utf-8")) for path in ROOM.rglob("*.py")}


def test_http_is_spoken_in_one_place() -> None:
    found = {
        (name, one)
        for name, tree in sources().items()
        for one in imported(tree)
        if any(one == client or one.startswith(f"{client}.") for client in CLIENTS)
    }
    assert {name for name, _ in found} == GUARDED


def test_libraries_that_fetch_by_themselves_are_only_given_what_was_fetched() -> None:
    """feedparser opens a bytes or str argument that is a path or an address; trafilatura has a downloader."""
    for name, tree in sources().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            called = ast.unparse(node.func)
            assert "fetch_url" not in called, name
            if called == "feedparser.parse":
                assert ast.unparse(node.args[0]).startswith("io.BytesIO("), name
