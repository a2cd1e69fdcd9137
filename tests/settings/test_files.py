"""Where each file is read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.conftest import FEED, Config
from worker import settings
from worker.errors import ConfigError
from worker.model import ChannelKind


class TestWhereFilesComeFrom:
    def test_the_packaged_files_are_valid_and_tell_the_console_everything(self) -> None:
        found = settings.load(config=settings.packaged(), environ={})
        (rule,) = found.rules
        assert rule.recipients == ("console",)
        assert (rule.companies, rule.kinds, rule.min_amount, rule.loop) == ((), (), None, None)
        assert found.recipients["console"].channel is ChannelKind.CONSOLE

    def test_a_folder_that_lacks_a_file_falls_back_to_the_packaged_one_file_by_file(self, config: Config) -> None:
        found = config.write("feeds.toml", FEED).load()
        assert [feed.id for feed in found.feeds] == ["a"]
        assert found.config_files["feeds.toml"] == config.folder / "feeds.toml"
        assert found.config_files["alerts.toml"] == settings.packaged() / "alerts.toml"

    def test_the_argument_comes_before_the_variable_and_the_variable_before_the_current_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("argument", "variable", "config"):
            Config(tmp_path / name).write("feeds.toml", FEED.replace('"a"', f'"{name}"'))
        monkeypatch.chdir(tmp_path)
        environ = {"GIGAWATCH_CONFIG": str(tmp_path / "variable")}
        first = settings.load(config=tmp_path / "argument", environ=environ)
        second, third = settings.load(environ=environ), settings.load(environ={})
        assert [found.feeds[0].id for found in (first, second, third)] == ["argument", "variable", "config"]

    def test_a_config_folder_of_somebody_else_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Config(tmp_path / "config").write("alert.toml", "x = 1")
        monkeypatch.chdir(tmp_path)
        assert settings.load(environ={}).config_files["alerts.toml"] == settings.packaged() / "alerts.toml"

    @pytest.mark.parametrize("kind", ["absent", "file"])
    def test_a_folder_that_is_none_is_a_fault(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "x"
        if kind == "file":
            path.write_text("")
        with pytest.raises(ConfigError, match=r"--config.*folder"):
            settings.load(config=path, environ={})
        with pytest.raises(ConfigError, match=r"GIGAWATCH_CONFIG.*folder"):
            settings.load(environ={"GIGAWATCH_CONFIG": str(path)})

    def test_a_misspelt_file_is_not_passed_over(self, config: Config) -> None:
        fault = config.write("alert.toml", "").fault()
        assert fault.where.endswith("alert.toml")
        assert fault.expected == 'did you mean "alerts.toml"?'

    def test_own_templates_stand_over_the_packaged_ones(self, config: Config) -> None:
        (config.folder / "templates").mkdir()
        config.write("templates/mine.txt.j2", "Bonjour")
        found = config.load().templates
        packaged = settings.load(config=settings.packaged(), environ={}).templates
        assert found == {**packaged, "mine.txt.j2": "Bonjour"}
