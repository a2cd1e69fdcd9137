"""Variables, secrets by file, and that nothing shown holds a secret."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.settings.conftest import SECRET, Config
from worker import settings
from worker.settings import mask_webhook


class TestEnvironment:
    def test_it_wins_over_the_file_and_the_caller_over_both(self, config: Config, tmp_path: Path) -> None:
        config.write("gigawatch.toml", '[polling]\ntick = "1m"\nsweep = "1m"\nbatch = 7\n')
        environ = {"GIGAWATCH_POLLING__TICK": "5s", "GIGAWATCH_POLLING__SWEEP": "5s"}
        found = settings.load(config=config.folder, environ=environ, overrides={"polling": {"sweep_s": 1}})
        assert (found.polling.batch, found.polling.tick_s, found.polling.sweep_s) == (7, 5.0, 1.0)

    def test_the_short_names(self, config: Config, tmp_path: Path) -> None:
        found = config.load(
            GIGAWATCH_DATA=str(tmp_path),
            GIGAWATCH_DATABASE_URL="postgresql://u@h/d",
            GIGAWATCH_BROKER_URL="redis://h:1/2",
        )
        assert (found.general.data, found.store.url, found.broker.url) == (
            tmp_path,
            "postgresql://u@h/d",
            "redis://h:1/2",
        )

    def test_lists_and_rates(self, config: Config) -> None:
        found = config.load(GIGAWATCH_FETCH__ALLOW="127.0.0.1:8080, 10.0.0.0/8", GIGAWATCH_RATES__EUR="2")
        assert found.fetch.allow == ("127.0.0.1:8080", "10.0.0.0/8")
        assert found.rates["EUR"] == 2.0
        assert found.rates["GBP"] > 1

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("GIGAWATCH_DATABSE_URL", 'did you mean "GIGAWATCH_DATABASE_URL"?'),
            ("GIGAWATCH_STMP__HOST", 'did you mean "smtp"?'),
            ("GIGAWATCH_SMTP__HOTS", 'did you mean "host"?'),
        ],
    )
    def test_a_misspelt_variable_is_a_fault(self, config: Config, name: str, expected: str) -> None:
        fault = config.fault(**{name: "x"})
        assert (fault.where, fault.expected) == (name, expected)

    def test_a_bad_value_names_its_variable(self, config: Config) -> None:
        fault = config.fault(GIGAWATCH_POLLING__BATCH="many")
        assert (fault.where, fault.key, fault.expected) == (
            "GIGAWATCH_POLLING__BATCH",
            "polling.batch",
            "a whole number",
        )

    def test_what_a_platform_sets_on_its_own_and_empty_variables_are_left_alone(self, config: Config) -> None:
        config.load(GIGAWATCH_PORT="tcp://10.0.0.1:80", GIGAWATCH_EXTRA="/x", GIGAWATCH_POLLING__BATCH="")

    def test_secrets_by_file(self, config: Config, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("pass word\n")
        found = config.load(GIGAWATCH_SMTP__USER="u", GIGAWATCH_SMTP__PASSWORD_FILE=str(secret))
        assert found.smtp.password.get_secret_value() == "pass word"

    def test_a_value_counts_before_a_file_and_a_short_name_before_a_long_one(
        self, config: Config, tmp_path: Path
    ) -> None:
        (tmp_path / "url").write_text("redis://file")
        environ = {"GIGAWATCH_BROKER_URL_FILE": str(tmp_path / "url")}
        assert config.load(**environ).broker.url == "redis://file"
        environ["GIGAWATCH_BROKER__URL"] = "redis://long"
        assert config.load(**environ).broker.url == "redis://long"
        environ["GIGAWATCH_BROKER_URL"] = "redis://short"
        assert config.load(**environ).broker.url == "redis://short"

    @pytest.mark.parametrize("content", [None, "", "\n"])
    def test_a_secret_file_that_is_absent_or_empty_is_a_fault(
        self, config: Config, tmp_path: Path, content: str | None
    ) -> None:
        path = tmp_path / "secret"
        if content is not None:
            path.write_text(content)
        fault = config.fault(GIGAWATCH_DATABASE_URL_FILE=str(path))
        assert fault.where == "GIGAWATCH_DATABASE_URL_FILE"
        assert str(path) in fault.problem

    def test_the_data_folder_follows_the_system(self, config: Config) -> None:
        assert config.load(XDG_DATA_HOME="/srv/x").general.data == Path("/srv/x/gigawatch")
        assert config.load(HOME="/h").general.data.is_relative_to("/h")


class TestSecrets:
    def test_nothing_that_is_shown_holds_a_secret(self, config: Config) -> None:
        (config.folder / "crm").write_text(SECRET)
        config.write("gigawatch.toml", '[smtp]\nuser = "u"\npassword_file = "pw"\n')
        config.write("pw", "hunter2\n")
        config.write(
            "alerts.toml",
            '[recipients.crm]\nchannel = "webhook"\naddress = "https://h.example/x?token=hunter2"\n'
            'secret_file = "crm"\n'
            '[recipients.talk]\nchannel = "chat"\naddress = "slack://hunter2/x"\n'
            '[recipients.desk]\nchannel = "email"\naddress = "a@b.fr"\n',
        )
        found = config.load(
            GIGAWATCH_DATABASE_URL="postgresql://u:hunter2@h/d", GIGAWATCH_BROKER_URL="redis://:hunter2@h"
        )
        assert found.smtp.password.get_secret_value() == "hunter2"
        assert found.recipients["crm"].secrets == (SECRET,)
        shown = json.dumps(found.masked()) + repr(found) + repr(found.smtp) + repr(found.recipients)
        assert "hunter2" not in shown
        assert SECRET not in shown
        assert found.masked()["store"]["url"] == "postgresql://u:********@h/d"
        assert found.masked()["recipients"]["desk"]["address"] == "a@b.fr"

    def test_a_bad_secret_is_refused_without_being_shown(self, config: Config) -> None:
        fault = config.fault(GIGAWATCH_DATABASE_URL="mysql://u:hunter2@h/d")
        assert fault.key == "store.url"
        assert "hunter2" not in str(fault)

    def test_keys_change_over_with_two_secrets_at_once(self, config: Config) -> None:
        other = "whsec_" + base64.b64encode(b"9" * 32).decode()
        config.write("keys", f"{other}\n{SECRET}\n")
        config.write(
            "alerts.toml",
            '[recipients.crm]\nchannel = "webhook"\naddress = "https://h.example/"\nsecret_file = "keys"\n',
        )
        assert config.load().recipients["crm"].secrets == (other, SECRET)


def test_a_webhooks_path_is_a_secret() -> None:
    assert mask_webhook("https://hooks.example/services/T/B/TOKEN?x=1") == "https://hooks.example/********"
    assert "TOKEN" not in mask_webhook("https://me:pw@hooks.example/TOKEN")
    assert mask_webhook("https://hooks.example") == "https://hooks.example"
