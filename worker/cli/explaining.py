"""`scan --explain`: why an article is, or is not, a deal, in ten seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from worker.cli import phrases, screen
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from worker.model import Article, Reason
    from worker.pipeline.detection import Detector, Explanation
    from worker.pipeline.detection.document import Document, Sentence

_MENTION, _QUANTITY, _PROOF = "cyan", "yellow", "bold green"
_TONES = ("conditional", "sourced", "talks", "option", "cancelled", "denied", "comment")
# A sentence counts as a recall from here on; the detector itself weighs it by degrees.
_RECALL = 0.5
_BAR = 24


def show(article: Article, detector: Detector) -> None:
    """Print verdict, text with what was read in it, flows weighed, flows told and reasons of one article."""
    seen = detector.explain(article)
    verdict = detector.judge(article)
    gate = detector.gate(article.title, article.summary)
    console = screen.out()
    console.print()
    console.print(Text(one_line(article.title) or article.id, style="bold underline"))
    word = phrase("explain.deal" if verdict.deal else "explain.none")
    opening = gate if gate.passed else detector.opening(article)
    sieve = phrase("explain.passed" if gate.passed else "explain.later" if opening.passed else "explain.stopped")
    grounds = ", ".join(_name(reason) for reason in opening.reasons)
    screen.facts(
        [
            (phrase("explain.verdict"), f"{word}  ({seen.score:.2f})"),
            (phrase("explain.gate"), " – ".join(filter(None, (sieve, grounds)))),
        ]
    )
    _show_text(console, seen)
    _show_weighed(console, seen)
    _show_flows(console, seen, told=verdict.deal)
    _show_reasons(console, seen)


def _heading(console: Console, key: str) -> None:
    console.print()
    console.print(Text(phrase(key), style="bold"))


def _show_text(console: Console, seen: Explanation) -> None:
    _heading(console, "explain.text")
    proofs = {candidate.sentence.number for flow in seen.kept for candidate in flow.said}
    for sentence in seen.document.sentences:
        proof = sentence.number in proofs
        line = Text("▸ " if proof else "  ", style=_PROOF)
        line.append_text(_marked(seen.document, sentence))
        for tone in _tones(seen, sentence):
            line.append(f"  [{tone}]", style="dim magenta")
        console.print(line)
    console.print()
    console.print(
        Text(phrase("explain.organisation"), style=_MENTION), Text(phrase("explain.quantity"), style=_QUANTITY)
    )


def _marked(document: Document, sentence: Sentence) -> Text:
    """Return a sentence with its organisations and quantities coloured, and what a description stands for named."""
    shown = Text(style="dim" if sentence.part == "text" else "")
    at = sentence.start
    marks = [(one.start, one.end, _MENTION, _meant(one.surface, one.name)) for one in sentence.mentions]
    marks += [(one.start, one.end, _QUANTITY, f"≠ {one.role}" if one.role else "") for one in sentence.quantities]
    for start, end, style, note in sorted(marks):
        if start < at:
            continue
        shown.append(_flat(document.text[at:start]))
        shown.append(_flat(document.text[start:end]), style=style)
        if note:
            shown.append(f" ({note})", style="dim italic")
        at = end
    shown.append(_flat(document.text[at : sentence.end]))
    return shown


def _meant(surface: str, name: str) -> str:
    return f"= {name}" if name and name.casefold() != surface.casefold() else ""


def _flat(text: str) -> str:
    # one_line would also trim the spaces at both ends, which belong between the marks.
    return " ".join(one_line(f"|{text}|").split())[1:-1]


def _tones(seen: Explanation, sentence: Sentence) -> Iterator[str]:
    mode = seen.modes[sentence.number]
    for tone in _TONES:
        if getattr(mode, tone):
            yield phrase(f"tone.{tone}")
    if mode.recalled >= _RECALL:
        yield phrase("tone.recalled")


def _show_weighed(console: Console, seen: Explanation) -> None:
    _heading(console, "explain.frames")
    kept = {id(flow) for flow in seen.kept}
    rows = []
    for flow in sorted(seen.weighed, key=lambda one: -one.weight)[:12]:
        unnamed = phrase("flow.unnamed")
        words = "; ".join(
            dict.fromkeys(_flat(seen.document.text[one.sentence.start : one.sentence.end]) for one in flow.said)
        )
        rows.append(
            (
                "▸" if id(flow) in kept else "",
                f"{flow.weight:.2f}",
                f"{flow.payer or unnamed} → {flow.payee or unnamed}",
                phrase(f"kind.{flow.kind.value}"),
                words,
            )
        )
    columns = (
        Column("column.result"), Column("column.weight", right=True), Column("column.parties", ratio=2),
        Column("column.kind"), Column("column.words", ratio=4),
    )  # fmt: skip
    screen.table(columns, rows)


def _show_flows(console: Console, seen: Explanation, *, told: bool) -> None:
    from worker.pipeline.messages.records import flow_record

    _heading(console, "explain.flows" if told or not seen.flows else "explain.untold")
    if not seen.flows:
        console.print(phrase("explain.no_flow"))
    for flow in seen.flows:
        console.print(Text("▸ " + screen.flow_line(flow_record(flow)), style=_PROOF))
        proof: dict[str, list[str]] = {}
        for one in flow.evidence:
            proof.setdefault(one_line(one.sentence), []).append(
                f"{phrase(f'explain.field.{one.field}')} : « {one_line(one.quote, 60)} »"
            )
        for sentence, fields in proof.items():
            console.print(Text("    " + sentence, style="italic"))
            console.print(Text("      " + ", ".join(fields), style="dim"))


def _show_reasons(console: Console, seen: Explanation) -> None:
    _heading(console, "explain.reasons")
    ranked = sorted(seen.reasons, key=lambda reason: -abs(reason.weight))[:10]
    most = max((abs(reason.weight) for reason in ranked), default=1.0) or 1.0
    for reason in ranked:
        bar = "█" * max(1, round(_BAR * abs(reason.weight) / most))
        line = Text(f"{reason.weight:+6.2f}  ")
        line.append(f"{bar:<{_BAR}}", style="green" if reason.weight > 0 else "red")
        line.append(f"  {_name(reason)}")
        line.append(f"  {reason.code} {one_line(reason.detail, 60)}", style="dim")
        console.print(line)


def _name(reason: Reason) -> str:
    known = f"reason.{reason.code}"
    return phrase(known) if phrases.known(known) else reason.code
