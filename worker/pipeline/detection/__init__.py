"""Whether an article's own news is a deal about AI compute, and who pays whom, what for, how much, how firmly.

In the order of work: `clauses` (sentences), `entities` and `quantities` (what is named and counted), `lexicon`
(frames), `groups` and `frames` (who does what), `readings`, `pairs`, `partners` and `openings` (what may move between
whom), `modality` (how firmly, own news or recall), `subject`, `roles` and `contexts` (what words that no list holds
say), `weighing` with `forest`, `amounts`, `flows`, `replaced` and `rights` (what does move), `naming` (what
the parties are called), `verdict` (is it a deal). `gate` is the cheap look before a page is fetched.
"""

from __future__ import annotations

import contextlib
import gc
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from worker.errors import ConfigError, Fault
from worker.model import Article, Flow, Reason, Verdict
from worker.pipeline.detection import (
    flows,
    gate,
    modality,
    naming,
    openings,
    opposed,
    pairs,
    partners,
    readings,
    replaced,
    rights,
    subject,
    verdict,
)
from worker.pipeline.detection.amounts import Claimer
from worker.pipeline.detection.document import Document, build
from worker.pipeline.detection.entities import Registry
from worker.pipeline.detection.firmness import Firmness
from worker.pipeline.detection.flows import Gathered
from worker.pipeline.detection.frames import Candidate
from worker.pipeline.detection.gate import Gate
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.ranking import Referents
from worker.pipeline.detection.rights import Rights
from worker.pipeline.detection.roles import Roles
from worker.pipeline.detection.sanity import plausible
from worker.pipeline.detection.subject import DEAL, Subject
from worker.pipeline.detection.verdict import Scorer
from worker.pipeline.detection.weighing import Reading, Weigher

# Characters of a feed's item beside its title.
_ITEM = 300
# Characters of the body that count as its opening; the gate reads no further than this anyway.
_OPENING = 600
# News that is told later than this is not what its article is about; and the characters around a later word that are
# looked at. (2026-11-30: 14 of 6,979 articles are read better, 4 worse.)
_LATE, _AROUND = 3_000, 300
# A deal that shows but its likeliest flow, too weak to be kept. (2026-11-30: of eight such scores below this, four are
# deals; of 41 above it, 39.)
_UNTOLD = 0.7
# Main parties that may deal with each other although no sentence joins them.
_PARTIES = 6
# Parts of the weights that older versions lack.
_LATER = ("referents", "names")

__all__ = ["Detector", "Explanation", "Gate"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every step of one verdict: the document with what stands in each sentence, tones, flows weighed, the verdict.

    names: what the article calls the listed organisations whose names differ there.
    """

    document: Document
    modes: Mapping[int, Mode]
    weighed: tuple[Gathered, ...]
    kept: tuple[Gathered, ...]
    flows: tuple[Flow, ...]
    features: Mapping[str, float]
    score: float
    reasons: tuple[Reason, ...]
    reading: Reading
    names: Mapping[str, str]


class Detector:
    """The whole reader. What it reads changes nothing of what it says (it keeps weights that it has parsed), so that
    processes and threads may share one."""

    def __init__(self, registry: Registry, lexicon: Lexicon, weights: Mapping[str, Any]) -> None:
        missing = next((part for part in _LATER if weights.get("roles") and not weights.get(part)), "")
        if missing:
            shipped = "the file that comes with this version"
            raise ConfigError((Fault("detector.json", missing, "weights of another version", shipped),))
        self._registry = registry
        self._lexicon = lexicon
        self._scorer = Scorer(weights)
        self._subject = Subject(weights.get("subject", {}))
        self._referents = Referents(weights.get("referents", {}))
        self._likeness = Names(weights.get("names", {}))
        self._rights = Rights(weights.get("rights", {}))
        self._roles = Roles(weights.get("roles", {}))
        self._weigher = Weigher(weights.get("flows", {}))
        self._claimer = Claimer(weights.get("amounts", {}))
        self._firmness = Firmness(weights.get("status", {}), self._lexicon)
        self.flow_threshold = self._weigher.threshold

    @classmethod
    def from_tables(
        cls, *, companies: Mapping[str, Any], lexicon: Mapping[str, Any], weights: Mapping[str, Any]
    ) -> Detector:
        """Build a detector from companies.toml, lexicon.toml and detector.json as parsed.

        Raises ConfigError that names the file and the key.
        """
        with _uncollected():
            try:
                registry = Registry.from_table(companies)
            except (KeyError, TypeError, ValueError) as error:
                fault = Fault("companies.toml", "company", str(error), "a name and a known type in every [[company]]")
                raise ConfigError((fault,)) from error
            words = Lexicon(lexicon)
            try:
                return cls(registry, words, weights)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                shipped = "the file that comes with this version"
                raise ConfigError((Fault("detector.json", "weights", str(error), shipped),)) from error

    def gate(self, title: str, summary: str) -> Gate:
        """Return whether an item's page is worth fetching."""
        plain = (unicodedata.normalize("NFC", part) for part in (title, summary))
        return gate.look(*plain, registry=self._registry, lexicon=self._lexicon)

    def opening(self, article: Article) -> Gate:
        """Return whether an article is worth a closer reading, which most are not.

        Title, summary and the first lines are looked at as a feed's item is. Where something speaks against these, so
        are as few lines as an item has, since the next ones may tell how the shares fell, and what the feed itself
        sent; and where a later line names means of AI computing, the words around that: news is told late as well.
        """
        body = f"{article.summary}\n{article.text[:_OPENING]}"
        first = self.gate(article.title, body)
        for less in (body[:_ITEM], article.summary):
            shorter = not first.passed and less.strip() and len(less) < len(body)
            if shorter and gate.may_pass_with(less, first):
                item = self.gate(article.title, less)
                first = item if item.passed else first
        place = None if first.passed else gate.means_at(article.text[_OPENING:_LATE], self._lexicon)
        if place is None:
            return first
        there = _OPENING + place
        later = self.gate("", article.text[there - _AROUND : there + _AROUND])
        return later if later.passed else first

    def judge(self, article: Article) -> Verdict:
        """Return the verdict on an article. Its flows are empty unless it is a deal."""
        opening = self.opening(article)
        if not opening.passed:
            return Verdict(False, 0.0, (), opening.reasons)
        off = self._off_by_plain_words(article)
        if off is not None:
            return Verdict(False, 0.0, (), (off,))
        document = self._build(article)
        modes = modality.modes(document, self._lexicon)
        words = subject.features(document, modes)
        logit = self._subject.deal(words)
        if logit < self._subject.floor:
            return Verdict(False, 0.0, (), (_off_subject(logit, self._subject.floor),))
        seen = self._explain(document, flows.read(document, modes, words, self._subject, self._roles), judged=True)
        deal = seen.score >= self._least(seen.kept)
        return Verdict(deal, round(seen.score, 4), seen.flows, seen.reasons)

    def explain(self, article: Article) -> Explanation:
        """Return every step of the verdict on an article, those too that `judge` leaves out for one ruled out early."""
        document, reading = self.read(article)
        seen = self._explain(document, reading)
        opening = self.opening(article)
        if not opening.passed:
            return replace(seen, score=0.0, reasons=opening.reasons)
        off = self._off_by_plain_words(article)
        if off is None and reading.logits[DEAL] < self._subject.floor:
            off = _off_subject(reading.logits[DEAL], self._subject.floor)
        return seen if off is None else replace(seen, score=0.0, reasons=(off,))

    def read(self, article: Article) -> tuple[Document, Reading]:
        """Return an article as its flows are weighed, before any is."""
        document = self._build(article)
        modes = modality.modes(document, self._lexicon)
        words = subject.features(document, modes)
        return document, flows.read(document, modes, words, self._subject, self._roles)

    def listed(self, verdict: Verdict) -> Verdict:
        """Return a verdict whose parties bear the names of companies.toml, whatever the article calls them, so that
        articles, stories and rules can be compared."""
        resolve = self._registry.resolve
        named = tuple(
            replace(flow, payer=flow.payer and resolve(flow.payer), payee=flow.payee and resolve(flow.payee))
            for flow in verdict.flows
        )
        return replace(verdict, flows=named)

    def _build(self, article: Article) -> Document:
        return build(article, self._registry, self._lexicon, self._referents, self._likeness)

    def _off_by_plain_words(self, article: Article) -> Reason | None:
        """Return the reason that rules a long article out before it is read closely, if there is one."""
        if not subject.is_long(article):
            return None
        logit, floor = self._subject.deal(subject.plain_features(article)), self._subject.plain_floor
        return _off_subject(logit, floor) if logit < floor else None

    def _least(self, kept: Sequence[Gathered]) -> float:
        """Return the score of a deal: where no flow is sure enough to be kept, the deal itself must be the surer."""
        threshold = self._scorer.threshold
        return threshold if kept else max(threshold, _UNTOLD)

    def _explain(self, document: Document, reading: Reading, *, judged: bool = False) -> Explanation:
        """Return every step. judged: no flows, which cost the most to fill in, for what is no deal."""
        modes, focus = reading.modes, pairs.focus(document)
        said: list[Candidate] = []
        for sentence in document.sentences:
            said += readings.candidates(document, sentence, focus, registry=self._registry, lexicon=self._lexicon)
        said += pairs.unsilenced(pairs.beside(document, self._lexicon), said)
        said += pairs.listed(document, self._lexicon, focus)
        said += partners.lenders(document, self._lexicon, said, focus)
        said += partners.investors(document, self._lexicon, modes, focus)
        said += partners.founders(document, self._lexicon, modes, focus)
        main = pairs.focus(document, _PARTIES)
        said += openings.opened(document, said, main, reading.logits, lexicon=self._lexicon, modes=modes)
        said += openings.by_roles(document, said, reading.cast, modes)
        said = opposed.without(document, said, self._lexicon, modes)
        weighed = flows.gather(said, reading, self._weigher)
        kept = flows.settle(weighed, self.flow_threshold)
        kept += replaced.successors(document, weighed, kept, reading, self._firmness, self.flow_threshold)
        values = verdict.features(document, kept, weighed, reading, self._lexicon)
        kept += rights.beside(document, kept, modes, self._rights)
        score, reasons = self._scorer.score(values)
        # A deal with no flow that is sure enough still shows its best one: nobody would be told of it without.
        told = kept or list(weighed[:1])
        names = naming.called(document)
        found: tuple[Flow, ...] = ()
        if not judged or score >= self._least(kept):
            others = flows.overlooked(weighed, told)
            made = flows.assemble(document, told, others, reading, self._firmness, self._claimer)
            found = tuple(plausible(flow) for flow in naming.renamed(made, names))
        return Explanation(document, modes, tuple(weighed), tuple(kept), found, values, score, reasons, reading, names)


def _off_subject(logit: float, floor: float) -> Reason:
    return Reason("words.deal", round(logit, 3), f"{floor:.2f}")


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Make what lives as long as the process without looking for garbage among it: a fifth of what names and verbs take
    to load (2026-11-30)."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
