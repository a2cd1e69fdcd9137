"""`gigawatch stories merge|split|mute|...`, `alerts enable` and `prune`, as an operator types them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.store_samples import alert, article, entry, feed
from tests.cli.conftest import Run
from worker.adapters.store import Store
from worker.cli import exits
from worker.model import Flow, Kind, RecipientState, Verdict
from worker.pipeline import loops, stories

NOW = datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The store of the command line's data folder, with two stories of two articles each."""
    (tmp_path / "data").mkdir()
    opened = Store(f"sqlite:///{tmp_path / 'data' / 'gigawatch.db'}")
    opened.migrate()
    opened.sync_feeds([feed()], NOW)
    for place, name in enumerate(("aa1", "aa2", "bb1", "bb2")):
        parties = ("Nordlys", "Helvia") if name < "b" else ("Boréal", "Granit")
        _file(opened, name, Verdict(True, 0.9, (Flow(*parties, Kind.COMPUTE, 2e9, "EUR"),)), minutes=place)
    return opened


def _file(store: Store, name: str, verdict: Verdict, *, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    state = store.feed("gazette")
    assert state is not None
    saved = store.save_poll(state, [(entry(name), True)], now=at, backlog=False)
    value = replace(article(name), published=at, title=f"Affaire {name[:2]}")
    store.save_article(saved.to_read[0], value, now=at, backlog=False)
    with store.filing(at) as filing:
        names = [party for flow in verdict.flows for party in flow.parties]
        filed = stories.file(value, verdict, filing.candidates(names, since=NOW - timedelta(days=1)), now=at)
        filing.save_story(filed.story, article_id=name, changes=filed.changes, edges=loops.edges(filed.story))
        filing.close_article(name, verdict, story_id=filed.story.id)


def ids(run: Run) -> dict[str, str]:
    """Return the story of each article."""
    return {one["article_id"]: held["id"] for held in run("stories", "list", "--json").json for one in held["sources"]}


def test_stories_are_merged_listed_split_and_put_back(run: Run, store: Store) -> None:
    before = ids(run)
    first, second = before["aa1"], before["bb1"]
    assert first != second
    merged = run("stories", "merge", first[:10], second[:10], "--note", "Léa")
    assert merged.code == 0
    assert "4 article(s)" in merged.out
    assert "stories undo 1" in merged.err
    assert run("stories", "show", second, "--json").json["id"] == first
    apart = run("stories", "split", first, "bb1", "https://gazette.example/bb2", "--tell")
    assert apart.code == 0
    assert "alerte(s) à envoyer" in apart.out
    listed = run("stories", "decisions", "--json").json
    assert [(one["id"], one["kind"], one["note"]) for one in listed] == [(2, "split", ""), (1, "merge", "Léa")]
    assert listed[0]["articles"] == ["bb1", "bb2"]
    refused = run("stories", "undo", "1")
    assert refused.code == exits.USAGE
    assert "annulez d’abord la 2" in refused.err
    assert run("stories", "undo", "2").code == run("stories", "undo", "1").code == 0
    assert ids(run) == before
    assert "annulée" in run("stories", "decisions").out


def test_a_muted_story_is_marked_in_the_list(run: Run, store: Store) -> None:
    name = ids(run)["aa1"]
    assert run("stories", "mute", name).code == 0
    assert "[sourdine : tous] " in run("stories", "list").out
    assert {held["id"]: held["muted"] for held in run("stories", "list", "--json").json}[name] == ["*"]
    assert run("stories", "mute", name).code == exits.USAGE
    unknown = run("stories", "mute", name, "--for", "personne")
    assert unknown.code == exits.USAGE
    assert "console" in unknown.err
    assert run("stories", "mute", name, "--for", "console").code == 0
    assert run("stories", "unmute", name).code == 0
    assert "[sourdine : console] " in run("stories", "list").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("merge", "nope", "nope"), "nope"),
        (("split", "{first}", "zz"), "0 article(s)"),
        (("split", "{first}", "aa"), "2 article(s)"),
        (("split", "{first}", "aa1", "aa2"), "aucun article"),
        (("merge", "{first}", "{first}"), "deux affaires"),
        (("undo", "9"), "pas de décision 9"),
        (("unmute", "{first}"), "sourdine"),
    ],
)
def test_what_cannot_be_decided_is_said_in_words(run: Run, store: Store, arguments: tuple[str, ...], said: str) -> None:
    first = ids(run)["aa1"]
    answer = run("stories", *(one.format(first=first) for one in arguments))
    assert answer.code == exits.USAGE
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_a_disabled_recipient_shows_and_is_put_back(run: Run, store: Store) -> None:
    store.save_recipient_state(RecipientState("console", NOW, NOW, NOW, "webhook: HTTP 410"))
    assert "gigawatch alerts enable console" in run("alerts", "list").err
    found = [one for one in run("doctor", "--offline", "--json").json if one["check"] == "recipient"]
    assert [(one["state"], "410" in one["detail"]) for one in found] == [("fault", True)]
    assert run("alerts", "enable", "console").code == 0
    assert run("alerts", "enable", "console").code == exits.FAILED
    assert run("alerts", "enable", "personne").code == exits.USAGE
    assert "alerts enable" not in run("alerts", "list").err


def test_a_recipient_that_is_left_alone_shows(run: Run, store: Store) -> None:
    until = datetime.now(UTC) + timedelta(minutes=5)
    store.save_recipient_state(RecipientState("console", NOW, NOW, None, "webhook: HTTP 429", until))
    assert "webhook : HTTP 429" in run("alerts", "list").err


def test_dead_letters_are_sent_again_by_id_recipient_or_time(run: Run, store: Store) -> None:
    for name in ("aaa", "bbb", "ccc"):
        store.add_alert(alert(name, at=NOW), NOW)
        store.save_failed(name, attempt=1, now=NOW, error="550 inconnu", next_at=None)
    for wrong in ((), ("aaa", "--since", "7d"), ("--all", "--recipient", alert().recipient_id), ("--since", "hier")):
        assert run("alerts", "retry", *wrong).code == exits.USAGE
    assert run("alerts", "retry", "--recipient", "personne").code == exits.FAILED
    assert run("alerts", "retry", "aa").code == 0
    assert run("alerts", "retry", "--until", NOW.isoformat()).code == exits.FAILED
    assert "2 " in run("alerts", "retry", "--since", NOW.isoformat(), "--recipient", alert().recipient_id).out
    assert run("alerts", "list", "--state", "dead", "--json").json == []


def test_prune_counts_and_prunes(run: Run, store: Store) -> None:
    old = replace(article("old"), title="Rien")
    at = NOW - timedelta(days=500)
    state = store.feed("gazette")
    assert state is not None
    saved = store.save_poll(state, [(entry("old"), True)], now=at, backlog=False)
    store.save_article(saved.to_read[0], old, now=at, backlog=False)
    with store.filing(at) as filing:
        filing.close_article("old", Verdict(False, 0.1), story_id=None)
    told = {"rejected": 0, "articles": 1, "deliveries": 0, "alerts": 0}
    for _ in range(2):
        assert run("prune", "--dry-run", "--json").json == {"dry_run": True, **told}
    assert "400 j" in run("prune").out
    assert run("prune", "--json").json == {"dry_run": False, **dict.fromkeys(told, 0)}
