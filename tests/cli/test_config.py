"""`gigawatch config check` says what is odd in rules and goes on."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_company_that_no_file_knows_is_a_warning_with_the_nearest_name(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "alerts.toml").write_text(
        '[recipients.console]\nchannel = "console"\n[[rules]]\nid = "r"\nrecipients = ["console"]\n'
        'companies = ["Mistrale AI", "AWS"]\n',
        encoding="utf-8",
    )
    answer = run("config", "check", config=folder)
    assert answer.code == 0
    assert "Configuration bonne" in answer.out
    (line,) = [line for line in answer.err.splitlines() if "Attention" in line]
    assert f"{folder / 'alerts.toml'}:6" in line
    assert "« Mistrale AI »" in line
    assert "voulez-vous dire « Mistral AI » ?" in line


def test_the_shipped_configuration_has_nothing_odd(run: Run) -> None:
    answer = run("config", "check")
    assert answer.code == 0
    assert "Attention" not in answer.err
