"""Copies of one text, told from what follows up on it: with the labelled articles' own texts, and one deal by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.conftest import ROOT
from tests.quality.corpus import rows_of
from worker.model import Article, Evidence, Flow, Kind, Reason, Span, Status, Verdict
from worker.pipeline.copies import LEAST, resemblance, taken_over
from worker.text import bands, fingerprint, words

LEADS = (
    "Les deux groupes ont confirmé mercredi une information que nos confrères avaient publiée la veille.",
    "L'accord, que le marché attendait depuis des semaines, dit beaucoup de la soif de calcul des laboratoires.",
)
PARAGRAPHS = (
    "Le laboratoire parisien Nivalis louera pendant cinq ans la capacité d'Hélianthe, selon un communiqué des deux "
    "groupes publié mardi. Le contrat porte sur 2 milliards d'euros.",
    "Hélianthe installera les premières baies à Brumath avant l'été. Le site, une ancienne papeterie, est relié à deux "
    "lignes à haute tension et dispose d'un permis depuis l'automne.",
    "Nivalis entraîne des modèles de langue pour l'industrie. La société, née d'un laboratoire public, emploie trois "
    "cents personnes et manque de machines depuis l'an dernier, disent ses dirigeants.",
    "Pour Hélianthe, c'est le plus gros client depuis sa création. Le fournisseur cherche encore à financer la seconde "
    "moitié de ses bâtiments auprès de banques régionales.",
    "Les deux directions tiendront une conférence de presse la semaine prochaine. Elles n'ont pas donné d'autres "
    "détails sur le calendrier ni sur la puissance électrique réservée.",
)
TEXT = "\n\n".join(PARAGRAPHS)
FIRST = PARAGRAPHS[0].partition(" Le contrat")[0]
SECOND = "Le contrat porte sur 2 milliards d'euros."


def proof(field: str, quote: str, sentence: str, *, within: str = TEXT, part: str = "text") -> Evidence:
    start = within.index(sentence)
    at = start + sentence.index(quote)
    return Evidence(field, Span(part, at, at + len(quote)), quote, sentence, Span(part, start, start + len(sentence)))


ORIGINAL = Article("a", "Nivalis loue la capacité d'Hélianthe", "", TEXT, url="https://agence.example/a")
DEAL = Verdict(
    True,
    0.9,
    (
        Flow(
            "Nivalis",
            "Hélianthe",
            Kind.COMPUTE,
            2e9,
            "EUR",
            status=Status.ANNOUNCED,
            evidence=(proof("payer", "Nivalis", FIRST), proof("amount", "2 milliards d'euros", SECOND)),
        ),
    ),
    (Reason("flow.kept", 1.0, "", Span("text", 0, 5)),),
)


def printed(text: str = TEXT, title: str = "Calcul : Nivalis choisit Hélianthe", summary: str = "") -> Article:
    return replace(ORIGINAL, id="b", title=title, summary=summary, text=text, url="https://gazette.example/b")


def long_texts() -> list[list[str]]:
    """Return the paragraphs of the labelled articles of at least 120 words and four paragraphs."""
    found = []
    for path in sorted((ROOT / "tests" / "quality").glob("dev-*.jsonl")):
        for row in rows_of(path):
            parts = [part for part in (row["text"] or "").split("\n\n") if part.strip()]
            if len(words(row["text"] or "")) >= 120 and len(parts) >= 4:
                found.append(parts)
    return found


def test_copies_are_above_the_threshold_and_follow_ups_below() -> None:
    texts = long_texts()
    assert len(texts) > 60
    chance = random.Random(3)
    for mine, other in pairwise(texts):
        whole, fill = "\n\n".join(mine), "\n\n".join(other)
        copies = [
            "\n\n".join([*chance.sample(LEADS, 1), *mine]),
            "\n\n".join(mine[:-1]),
            "\n\n".join([*chance.sample(LEADS, 1), *mine[:-1]]),
        ]
        half = len(whole) // 2
        follow_ups = [fill[:half] + "\n\n" + whole[half:], fill]
        # A last paragraph that is a third of a text is more than a house cuts.
        if len(mine[-1]) < len(whole) // 4:
            assert min(resemblance(whole, copy) for copy in copies) > LEAST
            known = set(bands(fingerprint(whole)))
            assert all(known & set(bands(fingerprint(copy))) for copy in copies)
        assert max(resemblance(whole, text) for text in follow_ups) < LEAST - 0.1


def test_different_articles_share_no_band() -> None:
    sketches = [set(bands(fingerprint("\n\n".join(parts)))) for parts in long_texts()]
    assert all(len(sketch) == 12 for sketch in sketches)
    pairs = [(left, right) for place, left in enumerate(sketches) for right in sketches[:place]]
    assert sum(bool(left & right) for left, right in pairs) <= len(pairs) // 1000


def test_a_short_text_and_another_version_s_fingerprint_have_no_bands() -> None:
    assert fingerprint("Réservé aux abonnés. " * 9) == ""
    assert bands("") == ()
    assert bands("00ff00ff00ff00ff") == ()
    assert fingerprint(TEXT) == fingerprint(TEXT.upper())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (TEXT, "Calcul : Nivalis choisit Hélianthe"),
        (LEADS[0] + "\n\n" + TEXT, "Nivalis s'offre la capacité d'Hélianthe"),
        ("\n\n".join(PARAGRAPHS[:-1]), "Nivalis louera pendant cinq ans"),
        (TEXT.replace("'", "’").replace(" milliards", "\u00a0milliards"), "Hélianthe décroche Nivalis"),
    ],
)
def test_a_copy_takes_the_verdict_over_with_its_proof(text: str, title: str) -> None:
    copy = printed(text, title)
    found = taken_over(copy, ORIGINAL, DEAL)
    assert found is not None
    assert (found.deal, found.score) == (True, 0.9)
    assert [replace(flow, evidence=()) for flow in found.flows] == [replace(flow, evidence=()) for flow in DEAL.flows]
    assert len(found.flows[0].evidence) == 2
    for told, moved in zip(DEAL.flows[0].evidence, found.flows[0].evidence, strict=True):
        assert copy.text[moved.span.start : moved.span.end] == moved.quote
        assert copy.text[moved.sentence_span.start : moved.sentence_span.end] == moved.sentence
        assert words(moved.quote) == words(told.quote)
    assert [(reason.code, reason.span) for reason in found.reasons] == [("flow.kept", None), ("copy", None)]
    assert found.reasons[-1].detail == ORIGINAL.url


def test_a_proof_that_was_cut_is_dropped() -> None:
    copy = printed(TEXT.replace(" " + SECOND, ""))
    found = taken_over(copy, ORIGINAL, DEAL)
    assert found is not None
    assert [one.field for one in found.flows[0].evidence] == ["payer"]


def test_a_proof_in_the_title_is_found_in_the_copy_s_own() -> None:
    head = proof("payer", "Nivalis", ORIGINAL.title, within=ORIGINAL.title, part="title")
    verdict = replace(DEAL, flows=(replace(DEAL.flows[0], evidence=(head,)),))
    found = taken_over(printed(title=ORIGINAL.title), ORIGINAL, verdict)
    assert found is not None
    assert found.flows[0].evidence == (head,)
    assert taken_over(printed(title="Nivalis choisit Hélianthe"), ORIGINAL, verdict) is None


@pytest.mark.parametrize(
    ("text", "title", "summary"),
    [
        (TEXT.replace("2 milliards", "3 milliards"), ORIGINAL.title, ""),
        (TEXT.replace("2 milliards", "deux milliards"), ORIGINAL.title, ""),
        (TEXT.replace("louera pendant cinq ans", "a voulu louer longtemps"), ORIGINAL.title, ""),
        (TEXT, "Nivalis renonce à la capacité d'Hélianthe", ""),
        (TEXT, "Nivalis et Hélianthe : l'accord est annulé", ""),
        (TEXT, "Hélianthe : 40 mégawatts pour Nivalis", ""),
        (TEXT, ORIGINAL.title, "Le contrat porte désormais sur 3,5 milliards."),
        ("Nivalis dément.\n\n" + TEXT, ORIGINAL.title, ""),
        (TEXT, "Le marché du vin rosé souffre de la sécheresse", ""),
        ("\n\n".join(PARAGRAPHS[:2]), ORIGINAL.title, ""),
        ("", ORIGINAL.title, ""),
    ],
)
def test_what_says_something_else_is_no_copy(text: str, title: str, summary: str) -> None:
    assert taken_over(printed(text, title, summary), ORIGINAL, DEAL) is None


def test_a_long_text_over_the_whole_old_one_is_an_article_of_its_own() -> None:
    chapters = long_texts()
    old = "\n\n".join(max(chapters, key=lambda parts: len(" ".join(parts))))
    new = "\n\n".join(min(chapters, key=lambda parts: len(" ".join(parts)))) + "\n\n" + old
    wordless = "".join(" " if letter.isdigit() else letter for letter in new)
    original = replace(ORIGINAL, text=old)
    assert taken_over(printed(wordless, ORIGINAL.title), original, Verdict(False, 0.1)) is None


@pytest.mark.parametrize("name", ["Nivalis", "Hélianthe"])
def test_the_same_words_with_other_names_are_another_deal(name: str) -> None:
    """As in texts that are written by form; a soak of ten thousand such lost one in a hundred."""
    other = printed(TEXT.replace(name, "Corvalis"), ORIGINAL.title.replace(name, "Corvalis"))
    assert taken_over(other, ORIGINAL, DEAL) is None


def test_a_form_filled_in_anew_is_no_copy() -> None:
    form = (
        "La start-up d'intelligence artificielle {} a signé dimanche un contrat de 450 millions d'euros avec "
        "l'hébergeur {}. Pendant 10 ans, elle lui louera les grappes de GPU sur lesquelles seront entraînés ses "
        "prochains modèles de langage.\n\nLes serveurs seront installés à Brest. {} assure pouvoir mettre en service "
        "la première tranche avant l'été."
    )
    text, lease = form.format("Balsane", "Quirdide", "Quirdide"), "Pendant 10 ans, elle lui louera les grappes de GPU"
    first = replace(ORIGINAL, text=text, title="Balsane signe avec Quirdide")
    flow = Flow("Balsane", "Quirdide", Kind.COMPUTE, evidence=(proof("years", "10 ans", lease, within=text),))
    verdict = Verdict(True, 0.9, (flow,))
    again = printed(text, "Balsane : un contrat de 450 millions avec Quirdide")
    assert taken_over(again, first, verdict) is not None
    second = printed(form.format("Cammel", "Korraque", "Korraque"), "Cammel signe avec Korraque")
    assert taken_over(second, first, verdict) is None


def test_a_copy_of_a_copy_names_one_reason() -> None:
    first = taken_over(printed(), ORIGINAL, DEAL)
    assert first is not None
    second = taken_over(replace(printed(), id="c"), printed(), first)
    assert second is not None
    assert [reason.code for reason in second.reasons].count("copy") == 1
