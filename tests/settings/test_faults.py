"""What the reader refuses, and that it says where, what, and what was expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settings.conftest import FEED, SECRET, Config
from worker import settings
from worker.errors import ConfigError, Fault
from worker.settings import values


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "line", "key", "expected"),
        [
            ('[general]\nlangage = "fr"', 2, "general.langage", 'did you mean "language"?'),
            ('\n\n[general]\nlanguage = "de"', 4, "general.language", "one of fr, en"),
            ("[polling]\nbatch = true", 2, "polling.batch", "a number"),
            ("[polling]\nbatch = 0", 2, "polling.batch", "at least 1"),
            ('[polling]\ntick = "soon"', 2, "polling.tick", values.DURATION),
            ('[polling]\nmin_interval = "7h"', 1, "polling", "min_interval not above max_interval"),
            ('[fetch]\npage_bytes = "2 GB/s"', 2, "fetch.page_bytes", values.SIZE),
            ("[fetch]\nredirects = 2.5", 2, "fetch.redirects", "a whole number"),
            (
                '[fetch]\nallow = [\n "10.0.0.0/8",\n "x" ]',
                2,
                "fetch.allow[2]",
                '"host:port", an IP address or a network such as "10.0.0.0/8"',
            ),
            ("[detection]\nthreshold = 1", 2, "detection.threshold", "less than 1"),
            (
                '[smtp]\nsecurity = "ssl"',
                2,
                "smtp.security",
                "one of starttls, tls, none",
            ),
            ('[smtp]\npasword_file = "x"', 2, "smtp.pasword_file", 'did you mean "password_file"?'),
            (
                '[general]\ncontact = "me\\r\\nHost: x"',
                2,
                "general.contact",
                "one line without control characters",
            ),
            ('[smtp]\nhost = "relay"', 1, "smtp", "sender, since host is set"),
            (
                '[smtp]\nsender = "A <a@b.fr>"',
                2,
                "smtp.sender",
                "an e-mail address such as desk@example.org, without a display name",
            ),
            (
                "[rates]\nEURO = 1.1",
                2,
                "rates.EURO",
                "an ISO 4217 code and how many USD one unit is worth, such as EUR = 1.16",
            ),
            ("# x\n[pooling]\na = 1", 2, "pooling", 'did you mean "polling"?'),
            ("general = 1", 1, "general", "[general]"),
        ],
    )
    def test_a_fault_of_the_main_file_has_line_key_and_what_was_expected(
        self, config: Config, text: str, line: int, key: str, expected: str
    ) -> None:
        fault = config.write("gigawatch.toml", text).fault()
        assert fault.where == f"{config.folder / 'gigawatch.toml'}:{line}"
        assert (fault.key, fault.expected) == (key, expected)

    @pytest.mark.parametrize(
        ("text", "line", "key", "expected"),
        [
            (FEED + "tpoics = []", 5, "feed[1].tpoics", 'did you mean "topics"?'),
            (FEED + "\n[feed.pages]\ntext = 'div[['", 7, "feed[1].pages.text", "a CSS selector"),
            (FEED + "\n[feed.pages]\ntxt = 'div'", 7, "feed[1].pages.txt", 'did you mean "text"?'),
            (FEED + FEED.replace("a.example", "b.example"), 6, "feed[2].id", "a value of its own; first at"),
            (
                FEED + FEED.replace('"a"', '"b"').replace("https://a.example/feed", "http://www.a.example/feed/#x"),
                8,
                "feed[2].url",
                "a value of its own",
            ),
            (FEED.replace("https:", "file:"), 4, "feed[1].url", "a web address"),
            (FEED.replace("a.example", "user:pw@a.example"), 4, "feed[1].url", "without a user name"),
            (FEED.replace('"a"', '"Le Monde"'), 2, "feed[1].id", "lower-case letters"),
            (FEED.replace('name = "A"\n', ""), 1, "feed[1].name", "a value"),
            (FEED + 'paywall = "partly"', 5, "feed[1].paywall", 'did you mean "partial"?'),
            (FEED.replace("[[feed]]", "[[feeds]]"), 1, "feeds", 'did you mean "feed"?'),
            (FEED.replace("[[feed]]", "[feed]"), 1, "feed", "[[feed]] before each"),
        ],
    )
    def test_a_fault_of_the_feeds(self, config: Config, text: str, line: int, key: str, expected: str) -> None:
        fault = config.write("feeds.toml", text).fault()
        assert fault.where == f"{config.folder / 'feeds.toml'}:{line}"
        assert fault.key == key
        assert expected in fault.expected

    @pytest.mark.parametrize(
        ("recipient", "rule", "key", "expected"),
        [
            ('channel = "console"', 'recipients = ["dsk"]', "rules[1].recipients", 'did you mean "desk"?'),
            ('channel = "console"', "recipients = []", "rules[1].recipients", "at least one"),
            (
                'channel = "console"',
                'recipients = ["desk"]\nkinds = ["computes"]',
                "rules[1].kinds[1]",
                'did you mean "compute"?',
            ),
            (
                'channel = "console"',
                'recipients = ["desk"]\ncurrency = "EURO"',
                "rules[1].currency",
                'did you mean "EUR"?',
            ),
            (
                'channel = "console"',
                'recipients = ["desk"]\nmin_amout = 1',
                "rules[1].min_amout",
                'did you mean "min_amount"?',
            ),
            ('channel = "mail"', 'recipients = ["desk"]', "recipients.desk.channel", 'did you mean "email"?'),
            ('channel = "webhook"\naddress = "https://h.example/"', "", "recipients.desk", "whsec_"),
            (
                f'channel = "webhook"\naddress = "h.example"\nsecret = "{SECRET}"',
                "",
                "recipients.desk.address",
                "a web address",
            ),
            (
                'channel = "webhook"\naddress = "https://h.example/"\nsecret = "whsec_hunter2hunter2"',
                "",
                "recipients.desk.secret",
                "whsec_ followed by",
            ),
            (
                'channel = "webhook"\naddress = "https://h.example/"\nsecret_file = "gone"',
                "",
                "recipients.desk.secret_file",
                "a file with the secret alone",
            ),
            (f'channel = "console"\nsecret = "{SECRET}"', "", "recipients.desk.secret", "no such key here"),
            ('channel = "email"', "", "recipients.desk.address", "an e-mail address"),
            (
                'channel = "email"\naddress = "a@b.fr\\r\\nBcc: c@d.fr"',
                "",
                "recipients.desk.address",
                "an e-mail address",
            ),
        ],
    )
    def test_a_fault_of_the_alerts(self, config: Config, recipient: str, rule: str, key: str, expected: str) -> None:
        rule = f'[[rules]]\nid = "r"\n{rule}\n' if rule else ""
        fault = config.write("alerts.toml", f"[recipients.desk]\n{recipient}\n{rule}").fault()
        assert fault.key == key
        assert expected in fault.expected
        assert "hunter2" not in str(fault)

    def test_e_mail_without_a_relay_is_a_fault(self, config: Config) -> None:
        config.write(
            "alerts.toml",
            '[recipients.desk]\nchannel = "email"\naddress = "a@b.fr"\n[[rules]]\nid = "r"\nrecipients = ["desk"]\n',
        )
        assert config.fault().key == "smtp.host"
        assert config.load(GIGAWATCH_SMTP__HOST="relay", GIGAWATCH_SMTP__SENDER="g@b.fr").smtp.host == "relay"

    def test_all_faults_of_all_files_come_at_once(self, config: Config) -> None:
        config.write("gigawatch.toml", '[general]\nlanguage = "de"\n[store]\nurl = "mysql://x"\n')
        config.write("feeds.toml", FEED + FEED)
        config.write("alerts.toml", '[recipients.x]\nchannel = "fax"\n[[rules]]\nid = "r"\nrecipients = ["y"]\n')
        config.write("companies.toml", "a = = 1")
        config.write("detector.json", "{")
        keys = {(Path(fault.where.split(":")[0]).name, fault.key) for fault in config.faults(GIGAWATCH_FETCH__TOTL="1")}
        assert keys == {
            ("gigawatch.toml", "general.language"),
            ("gigawatch.toml", "store.url"),
            ("feeds.toml", "feed[2].id"),
            ("feeds.toml", "feed[2].url"),
            ("alerts.toml", "recipients.x.channel"),
            ("alerts.toml", "rules[1].recipients"),
            ("companies.toml", ""),
            ("detector.json", ""),
            ("GIGAWATCH_FETCH__TOTL", ""),
        }

    @pytest.mark.parametrize(
        ("content", "line", "problem"),
        [
            (b"[general]\nlanguage = fr\n", 2, "not TOML"),
            (b'[general]\nlanguage = "fr"\nlanguage = "en"\n', 3, "not TOML"),
            (b'[general]\n\ncontact = "\xe9"\n', 3, "not UTF-8"),
        ],
    )
    def test_a_file_that_is_not_toml_names_its_line(
        self, config: Config, content: bytes, line: int, problem: str
    ) -> None:
        (config.folder / "gigawatch.toml").write_bytes(content)
        fault = config.fault()
        assert fault.where == f"{config.folder / 'gigawatch.toml'}:{line}"
        assert fault.problem.startswith(problem)

    def test_a_file_with_a_byte_order_mark_is_read(self, config: Config) -> None:
        (config.folder / "gigawatch.toml").write_bytes(b"\xef\xbb\xbf[general]\nlanguage = 'en'\n")
        assert config.load().general.language == "en"


_SHIPPED = {
    name: re.sub(r"^# (?=\w+ = |\[)", "", (settings.packaged() / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name in ("gigawatch.toml", "alerts.toml")
}
_DEEP = "[" * 2000 + "]" * 2000
_VALUES = st.sampled_from(
    ['""', "0", "-1", "nan", "inf", "true", "[]", "{}", "[[1]]", "1979-05-27", '"\\u0000"', _DEEP, '"é"', "=", '"']
)


@pytest.mark.parametrize("name", _SHIPPED)
@given(data=st.data())
def test_whatever_stands_in_a_file_comes_back_as_settings_or_as_faults(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = _SHIPPED[name].splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key = lines[at].partition(" = ")[0]
        value = data.draw(_VALUES)
        lines[at] = data.draw(st.sampled_from([f"{key} = {value}", f"[{key}]", f"[[{key}]]", f"x{key} = 1", value]))
    config = Config(tmp_path_factory.mktemp("fuzz") / "config").write(name, "\n".join(lines))
    try:
        config.load()
        faults: tuple[Fault, ...] = ()
    except ConfigError as error:
        faults = error.faults or (Fault("", "", ""),)
    assert all(fault.where and fault.problem for fault in faults)
