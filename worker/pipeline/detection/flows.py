"""From candidates to flows: the same flow said in several sentences is one; its fields are filled and proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from worker.model import Evidence, Flow, Kind, Status
from worker.pipeline.detection.amounts import Amounts, Claimer, best_amounts
from worker.pipeline.detection.contexts import Contexts
from worker.pipeline.detection.document import BACKGROUND, Document, Sentence
from worker.pipeline.detection.entities import Mention, OrgType
from worker.pipeline.detection.firmness import Firmness
from worker.pipeline.detection.frames import OUTRIGHT, Candidate
from worker.pipeline.detection.logistic import probability
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.quantities import Quantity
from worker.pipeline.detection.rivals import Rivals
from worker.pipeline.detection.roles import Roles
from worker.pipeline.detection.standing import Standing
from worker.pipeline.detection.subject import Subject
from worker.pipeline.detection.weighing import Reading, Weigher, features, shares, worth

_MOST = 8
_RATIO = 0.35
# What no words join must be likelier than not: a bystander of the right trade is none of the news.
_UNSAID = 0.5
# A flow of another kind as likely as this may own a figure, though it is not sure enough to be told.
_LIKELY_MISSED = 0.2
# Money that flows back closes a circle: it must be told by words that join the parties, or be likelier than not, and
# surer still where no word says it at all (2026-11-30: 0.65 for all finds fewer flows of articles with renamed firms).
_BACK, _BACK_UNSAID = 0.5, 0.65
# Beyond this an article is a list, and comparing every pair with every other costs time.
_WEIGHED = 120
# What an article's subject, and the roles of its parties, add to a candidate when the likeliest are chosen.
_LIKELY = 0.2
# As sure as this, shares between two parties stand beside what one buys from the other.
_PLAIN = 0.5
# Of the readings in which a frame itself holds both parties, those in which one word says just this flow; an accord
# that all conclude may hold any.
_SURE_OF = frozenset(("said", "clitic", "listed", "pool", "turned"))
_STANDING_FOR = frozenset(("pronoun", "definite"))
# Readings in which one party at least is only near.
_LOOSE = frozenset(("open", "beside", "carried"))
_MEANS = frozenset((Kind.COMPUTE, Kind.CHIPS, Kind.SITE, Kind.POWER))
# Who rents a maker's machines may buy others of them as well.
_MACHINES = frozenset((Kind.COMPUTE, Kind.CHIPS))
_CAPITAL = frozenset((Kind.EQUITY, Kind.ACQUISITION, Kind.DEBT))
# Words around a flow's own within which a right is said.
_RIGHT_BEFORE, _RIGHT_AFTER = 12, 5


@dataclass
class Gathered:
    """All candidates of one flow.

    `raw` is the sum of what its sentences are worth, `weight` the probability by training.
    """

    payer: str
    payee: str
    kind: Kind
    option: bool
    raw: float = 0.0
    weight: float = 0.0
    said: list[Candidate] = field(default_factory=list)
    rank: int = 0
    features: Mapping[str, float] = field(default_factory=dict)
    # What the words that found it measure, where they are sure to be its own.
    sizes: list[tuple[Sentence, Quantity]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, Kind, bool]:
        return self.payer, self.payee, self.kind, self.option

    @property
    def types(self) -> tuple[OrgType, OrgType]:
        """Return the trades of payer and payee as first read."""
        first = self.said[0]
        return tuple(mention.type if mention else OrgType.UNKNOWN for mention in (first.payer, first.payee))  # type: ignore[return-value]


def leading_names(document: Document) -> frozenset[str]:
    """Return the organisations that title, summary or first paragraph name."""
    named = (mention for sentence in document.sentences if sentence.is_lead for mention in sentence.mentions)
    return frozenset(mention.name for mention in named if mention.name)


def read(
    document: Document, modes: Mapping[int, Mode], words: Mapping[str, float], subject: Subject, roles: Roles
) -> Reading:
    """Return an article as the weighing sees it. words: its features, as of `subject.features`."""
    logits, central = subject.logits(words), shares(document, modes)
    cast = roles.cast(document, modes, logits, central)
    return Reading(modes, Standing(document, modes), words, logits, central, cast, Contexts(document, modes))


def gather(found: Sequence[Candidate], reading: Reading, weigher: Weigher) -> list[Gathered]:
    """Join the candidates of an article into flows, the surest first."""
    modes = reading.modes
    by_key: dict[tuple[str, str, Kind, bool], Gathered] = {}
    best: dict[tuple[tuple[str, str, Kind, bool], int], float] = defaultdict(float)
    news = [one for one in found if modes[one.sentence.number].recalled < BACKGROUND]
    for candidate in news or found:
        mode = modes[candidate.sentence.number]
        option = _is_right(candidate, mode)
        payer = candidate.payer.name if candidate.payer else ""
        payee = candidate.payee.name if candidate.payee else ""
        if not (payer or payee):
            continue
        key = (payer, payee, candidate.kind, option)
        one = by_key.setdefault(key, Gathered(payer, payee, candidate.kind, option, rank=candidate.rank))
        one.said.append(candidate)
        one.rank = min(one.rank, candidate.rank)
        # A sentence counts once for a flow, however many of its words say it.
        place = (key, candidate.sentence.number)
        value = worth(candidate, mode)
        if value > best[place]:
            one.raw += value - best[place]
            best[place] = value
    likely = {kind: _LIKELY * probability(reading.logits[kind.value]) for kind in Kind}

    def thinkable(one: Gathered) -> float:
        roles = probability(reading.cast.likely(one.payer, one.payee, one.kind))
        return one.raw + likely[one.kind] + _LIKELY * roles

    gathered = sorted(by_key.values(), key=thinkable, reverse=True)[:_WEIGHED]
    rivals = Rivals(gathered)
    for one in gathered:
        one.features = features(one, rivals, reading)
        one.weight = weigher.weigh(one, reading.contexts)
    return sorted(gathered, key=lambda one: -one.weight)


def _is_right(candidate: Candidate, mode: Mode) -> bool:
    """Whether the words of a right, not a duty, stand around the words of a candidate."""
    if candidate.how in ("beside", "listed", "pool", "open"):
        return mode.option and candidate.sentence.part != "title"
    first, last = candidate.hit.first - _RIGHT_BEFORE, candidate.hit.last + _RIGHT_AFTER
    return any(first <= word <= last for word in mode.rights)


def settle(gathered: Sequence[Gathered], threshold: float) -> list[Gathered]:
    """Keep one direction and one kind per pair, drop partial echoes of fuller flows and what is too weak."""
    kept: list[Gathered] = []
    told = {(one.payer, one.payee, one.kind) for one in gathered if one.weight >= threshold and not _is_unsaid(one)}
    # Flows of two parties first: a flow with one is an echo of a fuller one wherever they share a party. But the
    # founders of a joint venture pay nobody, and what their names beside each other suggest is an echo of that.
    for whole in (True, False):
        for one in gathered:
            fits = (bool(one.payer and one.payee) or _founds(one)) is whole and one.weight >= _bar(one, threshold)
            if (
                not fits
                or (_is_unsaid(one) and _is_said_otherwise(one, told))
                or any(_echoes(one, other) for other in kept)
            ):
                continue
            if not (_explained(one, kept) or _borrows(one, kept) or _is_guessed_back(one, kept)):
                kept.append(one)
    paying = {name for one in kept if one.kind is not Kind.PARTNERSHIP for name in (one.payer, one.payee)}
    # Who buys from or invests in the other is more than a partner.
    kept = [one for one in kept if one.kind is not Kind.PARTNERSHIP or not {one.payer, one.payee} & paying]
    kept.sort(key=lambda one: -one.weight)
    # Beside a flow that is plainly told, one that is half as sure is a by-product of the same words.
    return [one for one in kept if one.weight >= _RATIO * kept[0].weight][:_MOST]


def _is_said_otherwise(guess: Gathered, told: Set[tuple[str, str, Kind]]) -> bool:
    """Whether words tell a flow the other way round, or who the investors are. told: payer, payee and kind of all flows
    that words say."""
    if guess.kind is Kind.EQUITY and any((payee, kind) == (guess.payee, guess.kind) for _, payee, kind in told):
        return True
    return (guess.payee, guess.payer, guess.kind) in told


def _borrows(weak: Gathered, kept: Sequence[Gathered]) -> bool:
    """Whether the words that may say a purchase, none of which is sure to, are those by which another's stronger one
    from the same seller is said: "l'hébergeur lui commande des puces" is no order of the hébergeur's client."""
    carried = {_place(said) for said in weak.said if said.how == "carried"}
    if not carried or weak.kind not in _MEANS or any(said.how in _SURE_OF for said in weak.said):
        return False
    others = (one for one in kept if (one.payee, one.kind) == (weak.payee, weak.kind) and one.payer != weak.payer)
    return carried <= {_place(said) for one in others for said in one.said if said.how in _SURE_OF}


def _place(said: Candidate) -> tuple[int, int]:
    return said.sentence.number, said.hit.first


def _is_guessed_back(weak: Gathered, kept: Sequence[Gathered]) -> bool:
    """Whether a flow from the payee of a kept one to its payer is only guessed from their standing together."""
    bar = _BACK_UNSAID if _is_unsaid(weak) else _BACK
    # "Lève" may be money or an option: who stands beside it is an investor by guess alone.
    if weak.weight >= bar or any(said.how not in _LOOSE and said.how != "pool" for said in weak.said):
        return False
    return any((weak.payer, weak.payee) == (other.payee, other.payer) for other in kept)


def _bar(one: Gathered, threshold: float) -> float:
    """Return what a flow must weigh: one that no words say, only its parties' roles and trades, must be the surer."""
    return max(threshold, _UNSAID) if _is_unsaid(one) else threshold


def _is_unsaid(one: Gathered) -> bool:
    return all(said.how == "open" for said in one.said)


def _explained(weak: Gathered, kept: Sequence[Gathered]) -> bool:
    """Whether all the words that may say a flow say a stronger one of other parties, and say it outright.

    One that is likelier than not is the next of a list: a pool of lenders is told by one verb.
    """
    if weak.weight >= _PLAIN:
        return False
    outright = {
        (said.sentence.number, other.kind)
        for other in kept
        if (other.payer, other.payee) != (weak.payer, weak.payee)
        for said in other.said
        if said.how in OUTRIGHT
    }
    if all(said.how == "open" for said in weak.said) and weak.kind in _CAPITAL:
        # No word says it; the words for shares or loans near its parties are those of a flow that they do say.
        parties = {weak.payer, weak.payee} - {""}
        return any(other.kind is weak.kind and parties & {other.payer, other.payee} and _plain(other) for other in kept)
    return all(said.how not in OUTRIGHT and (said.sentence.number, weak.kind) in outright for said in weak.said)


def _plain(one: Gathered) -> bool:
    return any(said.how in OUTRIGHT for said in one.said)


def _founds(one: Gathered) -> bool:
    """Whether a flow is a founder's share of a joint venture."""
    return not one.payee and any(said.how == "founder" for said in one.said)


def _echoes(weak: Gathered, strong: Gathered) -> bool:
    """Whether `weak` says again, less well, what `strong` says."""
    same = (weak.payer, weak.payee) == (strong.payer, strong.payee)
    swapped = (weak.payer, weak.payee) == (strong.payee, strong.payer)
    kinds = {weak.kind, strong.kind}
    if same:
        # One thing moves between two parties one way. An option on the same thing, or on shares, may stand beside it;
        # that it has a size of its own is seen when amounts are known.
        beside = (Kind.EQUITY in kinds and kinds & _MEANS) or (kinds == _MACHINES and not _share_words(weak, strong))
        if beside and weak.weight >= _PLAIN:
            return False
        return not (weak.option or strong.option) or (weak.kind is not strong.kind and weak.kind is not Kind.EQUITY)
    if swapped and (weak.kind is strong.kind or Kind.PARTNERSHIP in (weak.kind, strong.kind)):
        return True
    if swapped and {weak.kind, strong.kind} <= _MEANS:
        return True
    if swapped and {weak.kind, strong.kind} <= _CAPITAL:
        return True
    if _founds(weak) and (_founds(strong) or strong.kind is not Kind.SITE):
        return False
    if _founds(strong) and weak.kind is strong.kind and strong.payer in (weak.payer, weak.payee):
        return True
    partial = not weak.payer or not weak.payee
    shared = bool({weak.payer, weak.payee} & {strong.payer, strong.payee} - {""})
    return partial and (weak.kind is strong.kind or shared)


def _share_words(one: Gathered, other: Gathered) -> bool:
    """Whether one and the same word of the text says both flows; what is only open is said by none."""
    first, second = ({said.hit.first for said in each.said if said.how != "open"} for each in (one, other))
    return not first.isdisjoint(second)


def flow_of(document: Document, one: Gathered, amounts: Amounts, status: Status) -> Flow:
    """Return the flow with the words that prove each of its fields."""
    # The words of a deed prove more than two names that stand together, and most of all beside both names.
    chosen = max(
        one.said,
        key=lambda candidate: (candidate.how not in ("beside", "open"), _names_both(candidate, one), candidate.weight),
    )
    evidence = [_evidence(document, "kind", chosen.sentence, *_hit_span(document, chosen))]
    for name, mention in (("payer", chosen.payer), ("payee", chosen.payee)):
        if mention is not None and mention.name:
            sentence, shown = _named(document, mention, chosen.sentence)
            evidence.append(_evidence(document, name, sentence, shown.start, shown.end))
    for name, (sentence, quantity) in amounts.sources.items():
        evidence.append(_evidence(document, name, sentence, quantity.start, quantity.end))
    return Flow(
        payer=one.payer or None,
        payee=one.payee or None,
        kind=one.kind,
        amount=amounts.amount,
        currency=amounts.currency,
        megawatts=amounts.megawatts,
        chips=amounts.chips,
        years=amounts.years,
        bound=amounts.bound,
        status=status,
        evidence=tuple(evidence),
    )


def _named(document: Document, mention: Mention, sentence: Sentence) -> tuple[Sentence, Mention]:
    """Return where an organisation stands by its own words: in the sentence itself, else nearest before, else first."""
    told = [
        (other, one)
        for other in document.sentences
        for one in other.mentions
        # "No. 1" may end a sentence inside a name.
        if one.name == mention.name and one.via not in _STANDING_FOR and one.end <= other.end
    ]
    if not told:
        home = next((one for one in document.sentences if one.start <= mention.start < one.end), sentence)
        return home, mention
    before = [pair for pair in told if pair[0].number <= sentence.number]
    return (before or told)[-1 if before else 0]


def _names_both(candidate: Candidate, one: Gathered) -> bool:
    """Whether a sentence that says a flow has the names of its parties, not only what stands for them."""
    named = {mention.name for mention in candidate.sentence.mentions if mention.via not in _STANDING_FOR}
    return {one.payer, one.payee} - {""} <= named


def _hit_span(document: Document, candidate: Candidate) -> tuple[int, int]:
    return document.words.starts[candidate.hit.first], document.words.ends[candidate.hit.last]


def _evidence(document: Document, name: str, sentence: Sentence, start: int, end: int) -> Evidence:
    return Evidence(
        field=name,
        span=document.span(start, end),
        quote=document.text[start:end],
        sentence=document.text[sentence.start : sentence.end],
        sentence_span=document.span(sentence.start, sentence.end),
    )


def overlooked(gathered: Sequence[Gathered], kept: Sequence[Gathered]) -> list[Gathered]:
    """Return the surest flow of each kind that no kept one is, if it may well be there."""
    found: dict[Kind, Gathered] = {}
    for one in gathered:
        if one.weight >= _LIKELY_MISSED:
            found.setdefault(one.kind, one)
    return [one for kind, one in found.items() if all(other.kind is not kind for other in kept)]


def assemble(
    document: Document,
    kept: Sequence[Gathered],
    others: Sequence[Gathered],
    reading: Reading,
    firmness: Firmness,
    claimer: Claimer,
) -> tuple[Flow, ...]:
    """Return the flows of an article, amounts shared out among them. others: as of `overlooked`."""
    amounts = best_amounts(document, kept, others, reading.modes, claimer)
    flows: list[Flow] = []
    for one in kept:
        flow = flow_of(document, one, amounts[one.key], firmness.status_of(document, one, reading))
        firm = [other for other in flows if other.key[:3] == flow.key[:3]]
        plain = any(said.how == "right" for said in one.said)
        # A right beside a firm flow of the same parties counts where it has a size of its own, or is plainly told.
        if firm and one.option and not plain and _size(flow) in (_size(firm[0]), (None, None, None)):
            continue
        flows.append(flow)
    return tuple(flows)


def _size(flow: Flow) -> tuple[float | None, ...]:
    return flow.amount, flow.megawatts, flow.chips
