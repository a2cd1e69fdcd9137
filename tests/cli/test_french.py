"""Nothing English reaches a person in French: faults and errors of all sorts, through the real command line."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.settings import test_faults, test_rules
from tests.settings.conftest import FEED
from worker.adapters.lock import only_one
from worker.cli import phrases

# Words that no French sentence has; keys of the files are not among them.
_ENGLISH = frozenset(
    """
    is are was has have had does do did not no none the of in at by to from for with without and or be been it its this
    that these there here which who what when where must can cannot may should will such than more most least less any
    some each another only again already just now later first last between missing unknown expected valid invalid given
    found wrong right names keys value values number folder empty large too twice once one two you your free space
    check choose run set use try stop make made store broker worker address answer answered read written used refused
    damaged full error failed
    """.split()  # noqa: SIM905  # a list of a hundred words, one a line, is no easier to read
)
_QUOTED = re.compile(r"« .*? »|\"[^\"]*\"|'[^']*'|<[^>]*>|\([^()]*= *[^()]*\)")
# Keys, files, variables, options, addresses, commands: whatever holds a sign that words do not.
_NAMES = re.compile(r"\S*[/\\._=\[\]{}<>0-9@-]\S*|\b[A-Z_]{3,}\b|gigawatch \w+( \w+)?")
_CHOICE = re.compile(r"(au choix|gigawatch\.toml) : [^()]*")


def english(said: str) -> set[str]:
    """Return the English words of what was said, without what is quoted and what names something."""
    left = re.sub(r"(?m)^\d{4}-.* (?:ERROR|WARNING) .*$", "", said)  # the log stays as it is
    for pattern in (_QUOTED, _CHOICE, _QUOTED, _NAMES):
        left = pattern.sub(" ", left)
    return set(re.findall(r"[a-z]+", left.lower())) & _ENGLISH


def _samples(test: Callable[..., None]) -> list[Any]:
    """Return what the settings' own tests try."""
    (mark,) = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    return list(mark.args[1])


_CONSOLE = '[recipients.desk]\nchannel = "console"\n'
_LAST_RULE = '[[rules]]\nid = "r"\nrecipients = ["desk"]\n'
_RULE = _CONSOLE + _LAST_RULE
_GIVEN = test_faults.TestFaults
_MAIN = _samples(_GIVEN.test_a_fault_of_the_main_file_has_line_key_and_what_was_expected)
_FEEDS = _samples(_GIVEN.test_a_fault_of_the_feeds)
_ALERTS = _samples(_GIVEN.test_a_fault_of_the_alerts)
_NOT_TOML = _samples(_GIVEN.test_a_file_that_is_not_toml_names_its_line)
_ODD = _samples(test_rules.test_a_name_that_no_file_knows_is_a_warning)
_FILES: list[tuple[str, str | bytes]] = [
    *(("gigawatch.toml", one[0]) for one in (*_MAIN, *_NOT_TOML)),
    *(("feeds.toml", one[0]) for one in _FEEDS),
    *(
        ("alerts.toml", f"[recipients.desk]\n{one[0]}\n" + (f'[[rules]]\nid = "r"\n{one[1]}\n' if one[1] else ""))
        for one in _ALERTS
    ),
    *(("alerts.toml", test_rules.RULE + one[0]) for one in _ODD),
    ("gigawatch.toml", '[polling]\ntick = "abc"\n'),
    ("gigawatch.toml", "[polling]\njitter = 3\n"),
    ("gigawatch.toml", "[detection]\nthreshold = 0\n"),
    ("gigawatch.toml", '[store]\nurl = "mysql://x"\n[broker]\nurl = "amqp://x"\n'),
    ("gigawatch.toml", '[canary]\nevery = "5m"\n'),
    ("gigawatch.toml", '[smtp]\nhost = "h"\nsender = "a@b.fr"\nuser = "u"\n'),
    ("gigawatch.toml", '[smtp]\npage = "https://p.example"\n'),
    ("gigawatch.toml", '[smtp]\npage = "https://p.example?x"\npassword_file = "none"\n'),
    ("gigawatch.toml", '[delivery]\nchat_servers = ["a b"]\n'),
    ("gigawatch.toml", "[general]\nlanguage = 3\ncontact = 3\ndata = 3\n"),
    ("gigawatch.toml", "[fetch]\nallow = 3\nobey_robots = 3\nredirects = 'a'\n"),
    ("gigawatch.toml", "xyzzy = 1\n[general]\nxyzzy = 1\n"),
    ("gigawatch.toml", "[rates]\nsource = 'x'\n"),
    ("gigawatch.toml", "a = [1\n"),
    ("gigawatch.toml", "a = 'b\n"),
    ("gigawatch.toml", "a b = 1\n"),
    ("gigawatch.toml", "[a]\n[a]\n"),
    ("gigawatch.toml", "a = 2026-13-45\n"),
    ("gigawatch.toml", "a = 1 b\n"),
    ("gigawatch.toml", "a = " + "[" * 2000),
    ("alert.toml", ""),
    ("feeds.toml", FEED + "name2 = 1\npages = 3\npriority = 9\ntopics = [3]\ncountry = 'fr'\npaused = 'x'\n"),
    ("feeds.toml", FEED.replace('name = "A"', "name = ''")),
    ("alerts.toml", _CONSOLE),
    ("alerts.toml", _RULE + "loop = 3\ncountry = ['fr']\nwords = ['*']\nmin_amount = -1\n"),
    ("alerts.toml", _RULE + "any = []\nall = [{}]\nnot = 3\n"),
    ("alerts.toml", _RULE + "not = " + "{ not = " * 9 + "{ loop = true }" + " }" * 9 + "\n"),
    ("alerts.toml", _RULE + "currency = 'XYZ'\nmin_amount = 1\n"),
    ("alerts.toml", "recipients = 3\nrules = 3\nsystem = 3\nother = 3\n"),
    ("alerts.toml",
     _CONSOLE + "when = 'x'\nat = 'x'\nday = 'x'\ntimezone = 'x'\nquiet = 'x'\nceiling = 0\n" + _LAST_RULE),
    ("alerts.toml", _CONSOLE + "at = '08:00'\nday = 'monday'\nquiet = '08:00-08:00'\n" + _LAST_RULE),
    ("alerts.toml", _CONSOLE + "when = 'daily'\nceiling = 3\ntimezone = 'Europe/Pari'\n" + _LAST_RULE),
    ("alerts.toml", "[recipients.c]\nchannel = 'chat'\naddress = 'x'\nsecrets = 'y'\n"),
    ("alerts.toml",
     "[recipients.w]\nchannel = 'webhook'\naddress = 'https://h.example/'\nsecrets = ['whsec_x', 'whsec_AAAA']\n"),
    ("alerts.toml",
     "[recipients.d]\nchannel = 'email'\naddress = 'a@b.fr'\n[[rules]]\nid = 'r'\nrecipients = ['d', 'zz']\n"),
    ("alerts.toml", "[recipients.d]\n[recipients.D]\nchannel = 'console'\n[[rules]]\n[[rules]]\nid = 'R'\n"),
    ("rates.toml", "dya = 1\nday = 'x'\n[usd]\nEUR = 'x'\n"),
    ("rates.toml", "usd = 1\n"),
    ("companies.toml", "[[company]]\ntype = 'lab'\n"),
    ("companies.toml", "[[company]]\nname = 'x'\ntype = 'planet'\n"),
    ("lexicon.toml", ""),
    ("lexicon.toml", "x = 1\n[[frame]]\nkind = 'x'\n[[frame]]\nsubject = 'x'\nverbs = ['zzz']\n"),
    ("detector.json", "{"),
    ("detector.json", "[]"),
    ("detector.json", "{} x"),
    ("detector.json", "{x}"),
    ("detector.json", "{}"),
    ("detector.json", '{"bias": "x"}'),
    ("detector.json", '{"bias": []}'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), _FILES)
def test_a_wrong_configuration(run: Run, tmp_path: Path, name: str, content: str | bytes) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    answer = run("config", "check", config=folder)
    assert answer.err
    assert english(answer.err) == set(), answer.err
    doctor = run("doctor", "--offline", config=folder)
    assert english(doctor.out) == set(), doctor.out


@pytest.mark.parametrize(
    ("name", "content"),
    [("alert.html.j2", "{{ headlin.x }}"), ("alert.html.j2", "{% if %}"), ("alert.html.j2", "{{ 1 / 0 }}")],
)
def test_a_wrong_template(run: Run, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "own" / "templates").mkdir(parents=True)
    (tmp_path / "own" / "templates" / name).write_text(content)
    answer = run("config", "check", config=tmp_path / "own")
    assert answer.code == 2
    assert english(answer.err) == set(), answer.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GIGAWATCH_FETCH__TOTL", "1"),
        ("GIGAWATCH_POLLNG__TICK", "1"),
        ("GIGAWATCH_XYZZY__TICK", "1"),
        ("GIGAWATCH_FETCH__XYZZY", "1"),
        ("GIGAWATCH_DATABSE_URL", "x"),
        ("GIGAWATCH_POLLING__TICK", "x"),
        ("GIGAWATCH_POLLING__BATCH", "9" * 5000),
        ("GIGAWATCH_DATABASE_URL_FILE", "/no/such"),
        ("GIGAWATCH_DATABASE_URL_FILE", "/dev/null"),
        ("GIGAWATCH_DATABASE_URL_FILE", "/"),
        ("GIGAWATCH_DATABASE_URL", "mysql://x"),
        ("GIGAWATCH_RATES__EURO", "1"),
    ],
)
def test_a_wrong_variable(run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    answer = run("config", "check")
    assert answer.code == 2
    assert english(answer.err) == set(), answer.err


def test_a_folder_that_is_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "none", tmp_path / "file"):
        answer = run("config", "check", config=path)
        assert (answer.code, english(answer.err)) == (2, set()), answer.err


def _database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_backup_and_restore(run: Run, tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    assert english(run("backup", str(copy)).err) == set()
    assert run("migrate").code == 0
    assert run("backup", str(copy)).code == 0
    _database(tmp_path / "other.db", "CREATE TABLE x (y)")
    (tmp_path / "text").write_text("hello")
    (tmp_path / "broken.db").write_bytes(copy.read_bytes()[:5000] + b"x" * 90_000)
    (tmp_path / "live.db").write_bytes(copy.read_bytes())
    (tmp_path / "live.db-wal").write_bytes(b"x")
    store = data / "gigawatch.db"
    wrong = [
        *(("backup", str(path)) for path in (tmp_path, copy, tmp_path / "none" / "x.db", Path("/proc/x.db"))),
        ("backup", str(store), "--force"),
        *(
            ("restore", str(path))
            for path in (
                tmp_path / "none", tmp_path / "other.db", tmp_path / "text", tmp_path / "broken.db", tmp_path,
                tmp_path / "live.db", store,
            )
        ),
    ]  # fmt: skip
    for arguments in wrong:
        answer = run(*arguments)
        assert answer.code in (2, 3), arguments
        assert english(answer.err) == set(), answer.err
    with closing(sqlite3.connect(store)) as held:
        held.execute("BEGIN IMMEDIATE")
        answer = run("restore", str(copy))
        assert (answer.code, english(answer.err)) == (2, set()), answer.err
    with only_one(data, todo=""):
        answer = run("restore", str(copy))
        assert (answer.code, english(answer.err)) == (2, set()), answer.err
    _database(store, "UPDATE alembic_version SET version_num = 'later'")
    answer = run("migrate")
    assert (answer.code, english(answer.err)) == (3, set()), answer.err


_EVERYWHERE = (
    ("migrate",), ("alerts", "list"), ("prune",), ("export", "--csv"), ("healthcheck",), ("status",),
    ("doctor", "--offline"), ("feeds", "list"),
)  # fmt: skip


@pytest.mark.parametrize("arguments", _EVERYWHERE, ids=" ".join)
@pytest.mark.parametrize(
    "url", ["postgresql://u:p@127.0.0.1:9/x", "sqlite:////no/such/x.db", "sqlite:////proc/version", "sqlite:///{tmp}"]
)
def test_a_store_that_cannot_be_used(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], url: str
) -> None:
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", url.format(tmp=tmp_path))
    answer = run(*arguments)
    assert answer.code in (1, 3)
    assert english(answer.out + answer.err) == set(), answer.out + answer.err


def test_tables_that_are_not_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    _database(tmp_path / "data" / "gigawatch.db", "CREATE TABLE x (y)")
    for arguments in _EVERYWHERE[4:7]:
        answer = run(*arguments)
        assert english(answer.out + answer.err) == set(), answer.out + answer.err


@pytest.mark.parametrize("url", ["redis://127.0.0.1:9", "unix:///no/such.sock", "redis://no.such.invalid"])
def test_a_broker_that_is_away(run: Run, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("GIGAWATCH_BROKER_URL", url)
    assert run("migrate").code == 0
    for arguments in (("healthcheck",), ("status",), ("doctor", "--offline")):
        answer = run(*arguments)
        assert english(answer.out + answer.err) == set(), answer.out + answer.err


def test_a_data_folder_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    for arguments in (("migrate",), ("restore", "/no/such"), ("doctor", "--offline"), ("healthcheck",)):
        answer = run(*arguments)
        assert english(answer.out + answer.err) == set(), answer.out + answer.err


def test_files_and_addresses_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><body><p>x</p></body></html>")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "other.xml").write_text("<rss/>")
    lines = (b"{", b"[]", b"{}", b'{"id": 3}', b'{"id": "a"}', b'{"id": "a", "title": "x", "published": "y"}', b"\xff")
    for number, line in enumerate(lines):
        (tmp_path / f"{number}.jsonl").write_bytes(line)
    (tmp_path / "label.jsonl").write_text('{"id": "a", "title": "x", "deal": "oui"}')
    (tmp_path / "flows.jsonl").write_text('{"id": "a", "title": "x", "deal": "no"}')
    inputs = [str(path) for path in (*tmp_path.glob("*.*"), tmp_path, tmp_path / "none.html")]
    addresses = ["http://127.0.0.1:9/x", "http://10.0.0.1/", "http://no.such.invalid/", "http://[::1]/", "http://h:99/"]
    wrong = [
        *(("scan", one) for one in (*inputs, *addresses)),
        *(("eval", str(tmp_path / name)) for name in ("label.jsonl", "flows.jsonl", "none.jsonl")),
        *(("feeds", "test", one) for one in addresses),
        *(("feeds", "add", one) for one in addresses),
        *(("feeds", "discover", one) for one in addresses),
        ("feeds", "import", str(tmp_path / "other.xml")),
        ("feeds", "import", str(tmp_path / "none.opml")),
        ("rules", "test", "--file", str(tmp_path / "other.xml")),
        ("export", "--csv", "--out", str(tmp_path / "none" / "x.csv")),
        ("export", "--csv", "--out", str(tmp_path)),
    ]
    for arguments in wrong:
        answer = run(*arguments)
        assert answer.code or arguments[0] == "scan", arguments
        assert english(answer.err) == set(), answer.err


def test_feeds_that_are_none(run: Run, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGAWATCH_GENERAL__DATA", str(world.config.parent))
    for path in ("/", "/none"):
        answer = run("feeds", "test", f"http://{world.newsroom.address}{path}", config=world.config)
        assert english(answer.out + answer.err) == set(), answer.out + answer.err


def test_in_english_nothing_changes_and_programs_read_english(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "gigawatch.toml").write_text('[polling]\ntick = "abc"\n')
    said = (
        f'{folder}/gigawatch.toml:2: polling.tick: "abc" is not valid'
        ' (a duration such as "15m", "2s", "1h30m", or a number of seconds)'
    )
    assert run("doctor", "--offline", "--json", config=folder).json[0]["detail"] == said
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", "sqlite:////no/such/x.db")
    (away,) = {text for text in run("healthcheck", "--json").json["faults"] if "sqlite" in text}
    assert away == "sqlite:////no/such/x.db cannot be used just now: unable to open database file"
    monkeypatch.delenv("GIGAWATCH_DATABASE_URL")
    assert "polling.tick : valeur refusée" in run("config", "check", config=folder).err
    monkeypatch.setenv("GIGAWATCH_LANG", "en")
    monkeypatch.setattr(phrases._Choice, "language", "en")
    assert run("config", "check", config=folder).err.splitlines()[0] == f"Error: {said}"
    answer = run("restore", "/no/such.db")
    assert answer.err == f"Error: {os.sep}no{os.sep}such.db: no such file\n"
