"""`feeds`: followed, tried, added, paused, exchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, World


def test_the_configured_feeds_are_listed(run: Run, world: World) -> None:
    answer = run("feeds", "list", "--json", config=world.config)
    assert answer.code == 0
    assert {feed["id"] for feed in answer.json} == {outlet.id for outlet in world.newsroom.script.outlets}
    shown = run("feeds", "list", config=world.config)
    assert "pas encore lu" in shown.out
    assert "5 flux, 0 en défaut" in shown.err


@pytest.mark.parametrize("outlet", ["depeche-calcul", "courrier-puces", "megawatt-magazine", "nuages-serveurs"])
def test_a_feed_is_tried_live(run: Run, world: World, outlet: str) -> None:
    answer = run("feeds", "test", outlet, "--json", config=world.config)
    wanted = [piece.title for piece in world.newsroom.published() if piece.outlet == outlet]
    assert answer.code == 0
    assert (answer.json["status"], answer.json["cause"], answer.json["ok"]) == (200, "ok", True)
    assert sorted(entry["title"] for entry in answer.json["entries"]) == sorted(wanted)
    assert answer.json["next_poll_at"]


def test_a_page_instead_of_a_feed_is_told_by_its_cause(run: Run, world: World) -> None:
    page = world.newsroom.base + "/nuages-serveurs/cassiopee-outremer-cloud.html"
    answer = run("feeds", "test", page, "--json", config=world.config)
    assert (answer.code, answer.json["ok"], answer.json["cause"]) == (1, False, "html")
    gone = run("feeds", "test", world.newsroom.base + "/rien", config=world.config)
    assert gone.code == 1
    assert "introuvable (404)" in gone.out
    blocked = run("feeds", "test", page, "--json")
    assert (blocked.code, blocked.json["cause"]) == (1, "blocked")


def test_a_feed_is_added_once_paused_resumed_and_removed(run: Run, world: World) -> None:
    url = world.newsroom.base + "/mienne/feed.xml"
    added = run("feeds", "add", url, "--id", "mienne", config=world.config)
    # What does not answer is not added unless forced.
    assert added.code == 1
    assert "introuvable (404)" in added.err
    assert run("feeds", "add", url, "--id", "mienne", "--no-check", config=world.config).code == 0
    again = run("feeds", "add", url, "--no-check", config=world.config)
    assert (again.code, url in again.err) == (2, True)

    def state() -> dict[str, object]:
        rows = run("feeds", "list", "--json", config=world.config).json
        return next(row for row in rows if row["id"] == "mienne")

    assert state()["url"] == url
    assert run("feeds", "pause", "mienne", config=world.config).code == 0
    assert state()["paused"] is True
    assert run("feeds", "resume", "mienne", config=world.config).code == 0
    assert state()["paused"] is False
    assert run("feeds", "remove", "mienne", config=world.config).code == 0
    assert "mienne" not in {row["id"] for row in run("feeds", "list", "--json", config=world.config).json}


def test_an_added_feed_takes_its_name_from_its_title(run: Run, world: World) -> None:
    url = world.newsroom.base + "/nuages-serveurs/feed.json?encore"
    answer = run("feeds", "add", url, config=world.config)
    assert answer.code == 0
    assert "nuages-serveurs-2" in answer.out


def test_what_cannot_be_is_named(run: Run, world: World) -> None:
    for command in (("pause", "nulle-part"), ("resume", "nulle-part"), ("test", "nulle-part")):
        answer = run("feeds", *command, config=world.config)
        assert (answer.code, "nulle-part" in answer.err) == (2, True)
    assert run("feeds", "add", "pas-une-adresse", config=world.config).code == 2
    configured = run("feeds", "remove", "courrier-puces", config=world.config)
    assert (configured.code, "feeds.toml" in configured.err) == (2, True)


def test_opml_goes_out_and_comes_in(run: Run, world: World, tmp_path: Path) -> None:
    exported = run("feeds", "export", config=world.config)
    assert exported.out.count("<outline") == 5
    file = tmp_path / "liste.opml"
    file.write_text(exported.out.replace("feed.xml", "autre.xml"), encoding="utf-8")
    imported = run("feeds", "import", str(file), config=world.config)
    assert "4 ajouté(s), 1 déjà suivi(s), 0 passé(s)" in imported.out
    file.write_text("<html></html>", encoding="utf-8")
    bad = run("feeds", "import", str(file), config=world.config)
    assert (bad.code, "liste.opml" in bad.err) == (2, True)


def test_discover_says_when_a_page_names_no_feed(run: Run, world: World) -> None:
    page = world.newsroom.base + "/nuages-serveurs/cassiopee-outremer-cloud.html"
    answer = run("feeds", "discover", page, config=world.config)
    assert (answer.code, page in answer.err) == (1, True)
