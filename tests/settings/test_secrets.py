"""Which values of the settings count as secret."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from worker import settings
from worker.demo.overlay import toml
from worker.masking import HIDDEN

_WHSEC = "whsec_" + base64.b64encode(b"k4nari signing secret 24").decode()
_SECRETS = {
    "database": "k4nari-database",
    "broker": "k4nari-broker",
    "password": "k4nari-relay",
    "page_key": "k4nari-page-key-k4nari-page",
    "signing": _WHSEC,
    "bare": _WHSEC.removeprefix("whsec_"),
    "hook": "T0K3Nk4nariHook",
    "query": "k4nariQuery1",
    "chat": "A1b2C3d4E5",
    "feed": "k4nari0feed1token2",
}


@pytest.fixture
def loaded(tmp_path: Path) -> settings.Settings:
    main = {
        "store": {"url": f"postgresql://gw:{_SECRETS['database']}@db/gw"},
        "broker": {"url": f"redis://:{_SECRETS['broker']}@queue:6379/0"},
        "smtp": {
            "host": "relay.example", "sender": "veille@gw.example", "user": "veille", "password": _SECRETS["password"],
            "page": "https://gw.example/page", "page_key": _SECRETS["page_key"],
        },
    }  # fmt: skip
    address = f"https://hooks.example/services/{_SECRETS['hook']}?k={_SECRETS['query']}"
    alerts = {
        "recipients": {
            "hook": {"channel": "webhook", "address": address, "secret": _WHSEC},
            "room": {"channel": "chat", "address": f"slack://{_SECRETS['chat']}/B1b2C3d4E5/ABCdefGHI/#veille"},
        },
        "rules": [{"id": "all", "recipients": ["hook", "room"]}],
    }
    feeds = {
        "feed": [
            {"id": "own", "name": "Own", "url": f"https://news.example/rss/{_SECRETS['feed']}/rss2.xml"},
            {"id": "open", "name": "Open", "url": "https://open.example/flux-rss/toutes-les-actualites/rss2.xml"},
        ]
    }
    for name, table in (("gigawatch.toml", main), ("alerts.toml", alerts), ("feeds.toml", feeds)):
        (tmp_path / name).write_text(toml(table), encoding="utf-8")
    return settings.load(config=tmp_path, environ={"HOME": str(tmp_path)})


@pytest.mark.parametrize("name", _SECRETS)
def test_is_hidden(loaded: settings.Settings, name: str) -> None:
    assert settings.mask_of(loaded)(f"said {_SECRETS[name]}, then") == f"said {HIDDEN}, then"


def test_the_log_in_of_auth_plain_is_hidden(loaded: settings.Settings) -> None:
    sent = base64.b64encode(f"\0veille\0{_SECRETS['password']}".encode()).decode()
    assert settings.mask_of(loaded)(f"535 {sent} refused") in (f"535 {HIDDEN} refused", f"535 {HIDDEN}= refused",
                                                              f"535 {HIDDEN}== refused")  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "https://open.example/flux-rss/toutes-les-actualites/rss2.xml answered 503",
        "https://hooks.example: no whole answer in time",
        "relay.example:587 (starttls): veille@gw.example refused",
        "rss2.xml in services of rss",
    ],
)
def test_what_is_no_secret_stays_readable(loaded: settings.Settings, text: str) -> None:
    assert settings.mask_of(loaded)(text) == text
