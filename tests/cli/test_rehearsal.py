"""`rules`, `articles` and `replay` over a store that the demo's newsroom filled."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Answer, Run
from worker import runtime, settings
from worker.cli import exits
from worker.cli.app import hoisted
from worker.model import Article, Entry, Feed
from worker.runtime import Runtime
from worker.settings import packaged
from worker.steps import judge

NOW = datetime.now(UTC)
DEAL = (
    "Nordlys loue 2 milliards d’euros de calcul à Helvia Cloud",
    "Le laboratoire Nordlys a signé un contrat de 2 milliards d’euros sur cinq ans avec le fournisseur de cloud Helvia "
    "Cloud pour entraîner ses modèles d’intelligence artificielle sur 40 000 GPU.",
)
OTHER = (
    "Nordlys et Trimaran s’associent pour glisser un assistant d’IA dans une suite bureautique",
    "Trimaran ajoutera à sa suite un assistant bâti sur le modèle de Nordlys. Les deux sociétés ont annoncé lundi un "
    "partenariat de distribution. Les conditions financières de l’accord restent confidentielles.",
)
ODD = ("Recette de la tarte aux pommes", "Pour six personnes, comptez une heure au four.")


@pytest.fixture
def filled(tmp_path: Path, run: Run) -> Runtime:
    """A store with a deal, an article that is none, and an entry that the gate stopped; in the data folder of `run`."""
    base = settings.load(config=packaged(), environ={}, overrides={"general": {"data": tmp_path / "data"}})
    built = runtime.build(base)
    built.store.migrate()
    built.store.sync_feeds([Feed("gazette", "La Gazette", "https://gazette.example/rss")], NOW)
    state = built.store.feed("gazette")
    assert state is not None
    for number, (title, text) in enumerate((DEAL, OTHER, ODD)):
        url = f"https://gazette.example/{number}"
        item = Entry("gazette", str(number), url, title, text[:80], published=NOW, keys=(f"u|{number}",))
        passed = built.detector.gate(title, text).passed
        saved = built.store.save_poll(replace(state, polls=1), [(item, passed)], now=NOW, backlog=False)
        if passed:
            value = Article(f"{number}abc", title, "", text, url, "La Gazette", "gazette", published=NOW)
            built.store.save_article(saved.to_read[0], value, now=NOW, backlog=False)
    judge(built.parts, ["0abc", "1abc"])
    assert len(built.store.stories()) == 1
    return built


def test_the_rules_in_words(run: Run) -> None:
    answer = run("rules", "list")
    assert (answer.code, "everything" in answer.out, "tous les contrats" in answer.out) == (0, True, True)
    assert run("rules", "list", "--json").json == [
        {"id": "everything", "recipients": ["console"], "conditions": "tous les contrats"}
    ]


def test_what_the_rules_would_have_sent(run: Run, filled: Runtime) -> None:
    answer = run("rules", "test", "--since", "1d", "--json").json
    (alert,) = answer["alerts"]
    assert (alert["fate"], alert["rule"], alert["recipient"]) == ("stays", "everything", "console")
    assert (alert["title"], alert["flows"][0]["amount"]) == (DEAL[0], 2_000_000_000)
    assert answer["rules"][0]["wanted"] == 1
    shown = run("rules", "test")
    assert "2 Md€" in shown.out
    assert "1 alerte(s) pour 1 changement(s)" in shown.err
    assert len(filled.store.alerts()) == 1


def test_another_file_is_compared_with_the_present_rules(run: Run, filled: Runtime, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(
        '[recipients.desk]\nchannel = "console"\n[[rules]]\nid = "rachats"\nrecipients = ["desk"]\n'
        'kinds = ["acquisition"]\n[[rules]]\nid = "calcul"\nrecipients = ["desk"]\nkinds = ["compute"]\n'
    )
    answer = run("rules", "test", "--file", str(other), "--json").json
    assert {(one["fate"], one["rule"], one["recipient"]) for one in answer["alerts"]} == {
        ("appears", "calcul", "desk"), ("vanishes", "everything", "console"),
    }  # fmt: skip
    assert [one["wanted"] for one in answer["rules"] if one["rule"] == "rachats"] == [0]
    shown = run("rules", "test", "--file", str(other))
    assert {line[0] for line in shown.out.splitlines() if DEAL[0] in line} == {"+", "-"}


def test_a_faulty_file_of_rules_names_the_line(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('[recipients.desk]\nchannel = "console"\n[[rules]]\nid = "x"\nrecipients = ["desc"]\n')
    answer = run("rules", "test", "--file", str(bad))
    assert answer.code == exits.USAGE
    assert "bad.toml:5" in answer.err
    assert "voulez-vous dire « desk » ?" in answer.err
    assert run("rules", "test", "--file", str(tmp_path / "none.toml")).code == exits.USAGE
    assert run("rules", "test", "--file", str(tmp_path)).code == exits.USAGE


def test_articles_are_listed_and_rejects_say_what_stopped_them(run: Run, filled: Runtime) -> None:
    rows = run("articles", "list", "--json").json
    assert {row["id"]: row["deal"] for row in rows} == {"0abc": True, "1abc": False}
    assert [row["id"] for row in run("articles", "list", "--deals", "--json").json] == ["0abc"]
    rejects = run("articles", "rejected", "--json").json
    assert [row["id"] for row in rejects] == ["1abc", "entry-3"]
    assert rejects[1]["stopped_by"] == "gate"
    assert all(row["reasons"] for row in rejects)
    assert run("stories", "rejected", "--json").json == rejects
    assert run("articles", "rejected", "--json", "--limit", "1").json == rejects[:1]
    assert [row["near"] for row in run("articles", "rejected", "--near", "--json").json] == [
        row["near"] for row in rejects if row["near"]
    ]


def test_one_article_with_its_proof(run: Run, filled: Runtime) -> None:
    answer = run("articles", "show", "0a", "--json").json
    assert (answer["deal"], answer["text"], answer["stopped_by"]) == (True, DEAL[1], None)
    proof = {one["field"]: one["quote"] for one in answer["flows"][0]["evidence"]}
    assert "Nordlys" in proof["payer"]
    shown = run("articles", "show", "1abc")
    assert shown.code == 0
    assert OTHER[0] in shown.out
    stopped = run("articles", "show", "entry-3")
    assert (ODD[0] in stopped.out, "premier tri" in stopped.out) == (True, True)
    assert run("articles", "show", "entry-3", "--json").json["passes_now"] is False


@pytest.mark.parametrize("name", ["", "nobody", "entry-99", "entry-99999999999999999999", "entry-x", "%", "a\x00b"])
def test_an_article_that_is_not_there(run: Run, filled: Runtime, name: str) -> None:
    answer = run("articles", "show", name)
    assert (answer.code, "Traceback" in answer.err) == (exits.USAGE, False)


def test_the_same_words_change_nothing(run: Run, filled: Runtime) -> None:
    answer = run("replay", "--json").json
    assert (answer["articles"], answer["entries"], answer["differences"]) == (2, 1, [])


def folder_with(tmp_path: Path, threshold: float) -> Path:
    folder = tmp_path / "trial"
    folder.mkdir(exist_ok=True)
    (folder / "gigawatch.toml").write_text(f"[detection]\nthreshold = {threshold}\n")
    return folder


def test_another_folder_judges_and_the_store_stays_the_present_one(run: Run, filled: Runtime, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 0.9999)
    before = filled.store.counts()
    answer = run("replay", "--config", str(folder), "--json").json
    (gone,) = answer["differences"]
    assert (gone["outcome"], gone["id"], answer["vanishes"]) == ("vanishes", "0abc", 1)
    shown = run("replay", f"--config={folder}")
    assert ("- 0abc" in " ".join(shown.out.split()), "1 disparaissent" in shown.err) == (True, True)
    assert filled.store.counts() == before


def test_what_the_folder_lacks_is_as_it_is_now(run: Run, filled: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "words"
    folder.mkdir()
    assert run("replay", "--config", str(folder)).code == exits.USAGE
    shutil.copy(packaged() / "lexicon.toml", folder)
    assert run("replay", "--config", str(folder), "--json").json["differences"] == []
    (folder / "lexicon.toml").write_text("[[frame]\n")
    answer = run("replay", "--config", str(folder))
    assert (answer.code, "lexicon.toml:1" in answer.err) == (exits.USAGE, True)


def test_what_appears_is_sent_when_asked_for_and_once(run: Run, filled: Runtime, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 0.001)
    answer = run("replay", "--config", str(folder), "--json").json
    assert (answer["appears"], answer["sent"]) == (1, None)
    assert len(filled.store.alerts()) == 1
    sent = run("replay", "--config", str(folder), "--send", "--json").json["sent"]
    assert sent["articles"] == 1
    alerts = filled.store.alerts()
    again = run("replay", "--config", str(folder), "--send", "--json").json
    assert (again["appears"], again["sent"]) == (0, {"articles": 0, "alerts": 0})
    assert filled.store.alerts() == alerts


def test_an_interrupt_leaves_the_store_as_it_was(
    run: Run, filled: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("worker.steps.replay.compare", interrupted)
    before = filled.store.counts()
    answer: Answer = run("replay", "--config", str(folder_with(tmp_path, 0.001)), "--send")
    assert (answer.code, answer.out) == (exits.INTERRUPTED, "")
    assert "Interrompu après 0 article(s)" in answer.err
    assert filled.store.counts() == before


@pytest.mark.parametrize(
    "command", [("rules", "test"), ("articles", "list"), ("articles", "rejected"), ("replay",), ("stories", "rejected")]
)
@pytest.mark.parametrize("since", ["x", "", "-5d", "99999999d", "1e9", "nan"])
def test_what_is_no_duration_is_wrong_usage(run: Run, command: tuple[str, ...], since: str) -> None:
    answer = run(*command, "--since", since)
    assert (answer.code, "30d, 12h" in answer.err) == (exits.USAGE, True)


def test_a_number_of_days_beyond_any_calendar_is_wrong_usage(run: Run) -> None:
    answer = run("stories", "list", "--days", "99999999")
    assert (answer.code, "Traceback" in answer.err) == (exits.USAGE, False)


def test_an_empty_store_says_what_to_do(run: Run) -> None:
    for command in (("rules", "test"), ("articles", "list"), ("articles", "rejected"), ("replay",)):
        assert "gigawatch up" in run(*command).err
    assert run("articles", "list", "--json").json == []
    assert run("replay", "--send", "--json").json["sent"] == {"articles": 0, "alerts": 0}


def test_a_store_with_older_articles_says_to_look_further_back(run: Run, filled: Runtime) -> None:
    assert filled.clock.now() - NOW > timedelta(0)
    assert "--since" in run("articles", "list", "--since", "0s").err


def test_the_folder_behind_replay_is_its_own() -> None:
    assert hoisted(["replay", "--config", "c", "--data", "d"]) == ["--data", "d", "replay", "--config", "c"]
    assert hoisted(["--config", "own", "replay", "--config=c"]) == ["--config", "own", "replay", "--config=c"]
    assert hoisted(["rules", "list", "--config", "c"]) == ["--config", "c", "rules", "list"]
