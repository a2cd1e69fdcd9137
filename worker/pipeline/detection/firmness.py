"""How firm a flow is: made official, said by sources only, a right, or given up.

Theory: the title and the flow's own sentences tell; elsewhere rumour and confirmation cancel out. Official against
reported is a logistic model over both and over all words of the article, for the press has more ways to say where it
knows something from than a list holds ("les intéressés ne répondent pas"). Weights: `status` in config/detector.json.
Rights and cancellations are told by their words alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from worker.model import Status
from worker.pipeline.detection.document import Document, Sentence
from worker.pipeline.detection.endings import is_negated
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.logistic import probability
from worker.pipeline.detection.mentions import Mention, OrgType
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.weighing import Reading, worth

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered
    from worker.pipeline.detection.frames import Candidate

_TONES = ("conditional", "talks", "sourced", "official", "denied")
_HALF = 0.5
# "avec X et Y", "avec X et le groupe Y": so few words after "et" are still the list.
_LISTED = 3
# Words between a medium's name and "selon" or "écrit".
_NEAR = 4


def features(document: Document, one: Gathered, modes: Mapping[int, Mode], lexicon: Lexicon) -> dict[str, float]:
    """Return what speaks for and against a flow's being official, each 0 to 1."""
    head = {s.number for s in document.sentences if s.part != "text"}
    lead = {s.number for s in document.sentences if s.part == "text" and s.paragraph == 0}
    body = {s.number for s in document.sentences if s.part == "text" and modes[s.number].recalled < _HALF}
    having = {tone: {number for number, mode in modes.items() if getattr(mode, tone)} for tone in _TONES}
    having["press"] = {s.number for s in document.sentences if _tells_of_another(document, s, lexicon)}
    result: dict[str, float] = {}
    for tone, has in having.items():
        result[f"own.{tone}"] = _share(one.said, modes, has.__contains__)
        result[f"head.{tone}"] = float(not has.isdisjoint(head))
        result[f"lead.{tone}"] = float(not has.isdisjoint(lead))
        result[f"body.{tone}"] = min(len(has & body), 4) / 2
    return result


def _tells_of_another(document: Document, sentence: Sentence, lexicon: Lexicon) -> bool:
    """Whether a sentence has what it says from another medium, which it names: "écrit Bloomberg"."""
    words = document.words
    for mention in sentence.mentions:
        if mention.type is OrgType.MEDIA:
            first, after = bisect_left(words.starts, mention.start), bisect_left(words.starts, mention.end)
            around = words.folds[max(sentence.first, first - _NEAR) : min(sentence.after, after + _NEAR)]
            if not lexicon.attribution.isdisjoint(around):
                return True
    return False


def _share(told: Iterable[Candidate], modes: Mapping[int, Mode], has: Callable[[int], bool]) -> float:
    """Return the share of a flow's sentences of which something is so, each counted by what it is worth."""
    best: dict[int, float] = {}
    for said in told:
        number = said.sentence.number
        best[number] = max(best.get(number, 0.0), worth(said, modes[number]))
    total = sum(best.values())
    return sum(value for number, value in best.items() if has(number)) / total if total else 0.0


class Firmness:
    """The trained weights. Without them (in training) every flow that is no right and not given up is official."""

    def __init__(self, table: Mapping[str, Any], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.bias = float(table.get("bias", 0.0))
        self.weights = {str(name): float(value) for name, value in table.get("weights", {}).items()}

    def status_of(self, document: Document, one: Gathered, reading: Reading) -> Status:
        """Return how firm a flow is."""
        if self._given_up(document, one, reading.modes):
            return Status.CANCELLED
        if one.option:
            return Status.OPTION
        values = {**features(document, one, reading.modes, self._lexicon), **reading.words}
        logit = self.bias + sum(self.weights[name] * value for name, value in values.items() if name in self.weights)
        return Status.REPORTED if probability(logit) > _HALF else Status.ANNOUNCED

    def _given_up(self, document: Document, one: Gathered, modes: Mapping[int, Mode]) -> bool:
        """Whether the words of giving up stand where the flow is told: in its head sentences, or in most of its
        sentences; those that only refuse something, in most of its sentences."""
        off = {s.sentence.number for s in one.said if self._is_ended(document, s.sentence, one, modes)}
        if any(s.sentence.number in off and s.sentence.part != "text" and s.how != "carried" for s in one.said):
            return True
        refused = {s.sentence.number for s in one.said if self._is_refused(document, s.sentence, one)}
        # A sentence that names one party alone, or both without saying what they do, says neither way.
        told = [said for said in one.said if said.how not in ("carried", "beside")] or one.said
        own = _share(told, modes, (off | refused).__contains__)
        titles = [s for s in document.sentences if s.part == "title"]
        if own >= _HALF or any(self._is_ended(document, s, one, modes, both=True) for s in titles):
            return True
        return bool(off | refused) and any(self._is_ended(document, s, one, modes) for s in titles)

    def _is_ended(
        self,
        document: Document,
        sentence: Sentence,
        one: Gathered,
        modes: Mapping[int, Mode],
        *,
        both: bool = False,
    ) -> bool:
        """Whether what a sentence calls off is this flow: "annule son contrat avec X et signe chez Y" is about X. With
        `both`, only where the parties stand on the two sides of what calls off."""
        # Here, for the few sentences that tell a flow: to look for endings everywhere would cost every article.
        folds, endings = document.words.folds[sentence.first : sentence.after], self._lexicon.endings
        listed = [word - sentence.first for word in modes[sentence.number].ends]
        listed = [word for word in listed if folds[word] == "pas" or not is_negated(folds, word)]
        places = [word for word in {*listed, *endings.found(folds)} if endings.is_of_a_deal(folds, word)]
        return self._is_about(document, sentence, one, places, both=both)

    def _is_refused(self, document: Document, sentence: Sentence, one: Gathered) -> bool:
        """Whether what a sentence says will not come about is this flow."""
        folds = document.words.folds[sentence.first : sentence.after]
        return self._is_about(document, sentence, one, self._lexicon.endings.refusals(folds))

    def _is_about(
        self, document: Document, sentence: Sentence, one: Gathered, places: Iterable[int], *, both: bool = False
    ) -> bool:
        """Whether one of these words of a sentence is about this flow: the next name is a party, or where none follows
        in its clause the one before."""
        named = [
            mention
            for mention in sentence.mentions
            if mention.name and (mention.known or mention.sure >= _HALF) and mention.type is not OrgType.MEDIA
        ]
        starts, parties = document.words.starts, {one.payer, one.payee}
        for place in places:
            word = sentence.first + place
            after = [mention for mention in named if mention.start > starts[word]]
            before = next((mention for mention in reversed(named) if mention.start < starts[word]), None)
            following = after[0] if after else None
            if following is not None and self._in_another_clause(document, word, following):
                if {mention.name for mention in after} & parties:
                    continue
                following = None
            if following is not None and before is not None and following.name == before.name:
                # One's own brand, "Meta abandonne Llama", is none of this; "qu'elle avait signé" looks further.
                if following.via == "brand":
                    continue
                following = next((mention for mention in after if mention.name != before.name), following)
            nearest = following or before
            around = {mention.name for mention in (before, following) if mention is not None}
            if around == parties if both else nearest is None or nearest.name in parties:
                return True
        return False

    def _in_another_clause(self, document: Document, word: int, mention: Mention) -> bool:
        """Whether a clause of its own begins between a word and the mention that follows it: "abandonne le gaz et se
        branche sur X", "renonce à l'achat, X commande"."""
        words = document.words
        last = bisect_left(words.starts, mention.start)
        for index in range(word, last):
            gap = words.gap(index)
            if ":" in gap or ";" in gap:
                return True
            # A comma right before a name in front of a verb, an "et" before anything but the next of a list.
            if "," in gap and index + 1 == last:
                return True
            joins = words.folds[index] in ("et", "mais")
            if joins and (last - index > _LISTED or self._lexicon.is_verb(words.fold_at(index + 1))):
                return True
        return False
