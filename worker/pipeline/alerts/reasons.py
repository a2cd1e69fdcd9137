"""Why a recipient is told: a rule's condition in words, in French or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from worker.model import Condition, Firmness, Flow, Kind, Rate, Rule, Status

# What a reader is told of a rule's conditions. French, English.
_WORDS: Mapping[str, tuple[str, str]] = {
    "rule": ("règle « {id} » : {conditions}", "rule “{id}”: {conditions}"),
    "all": ("tous les contrats", "every deal"),
    "companies": ("société {value}", "company {value}"),
    "payer": ("payeur {value}", "payer {value}"),
    "payee": ("bénéficiaire {value}", "payee {value}"),
    "kinds": ("nature {value}", "kind {value}"),
    "statuses": ("statut {value}", "status {value}"),
    "firmness": ("engagement {value}", "commitment {value}"),
    "country": ("pays {value}", "country {value}"),
    "feeds": ("flux {value}", "feed {value}"),
    "houses": ("éditeur {value}", "publisher {value}"),
    "words": ("mot {value}", "word {value}"),
    "word": ("« {value} »", "“{value}”"),
    "amount": ("montant ≥ {value}", "amount ≥ {value}"),
    "megawatts": ("puissance ≥ {value} MW", "capacity ≥ {value} MW"),
    "loop": ("boucle financière", "loop of money"),
    "no_loop": ("hors boucle financière", "no loop of money"),
    "or": (" ou ", " or "),
    "group": ("({value})", "({value})"),
    "unless": ("sauf ({value})", "except ({value})"),
    "rate": (" (taux du {value})", " (rate of {value})"),
    "rate_ecb": (" (taux BCE du {value})", " (ECB rate of {value})"),
    "rate_set": (" (taux réglé)", " (rate as set)"),
}
_KINDS: Mapping[Kind, str] = {
    Kind.COMPUTE: "calcul",
    Kind.CHIPS: "puces",
    Kind.EQUITY: "capital",
    Kind.DEBT: "dette",
    Kind.SITE: "site",
    Kind.POWER: "électricité",
    Kind.ACQUISITION: "rachat",
    Kind.PARTNERSHIP: "partenariat",
}
_STATUSES: Mapping[Status, str] = {
    Status.ANNOUNCED: "annoncé",
    Status.REPORTED: "selon la presse",
    Status.OPTION: "option",
    Status.CANCELLED: "abandonné",
}
_FIRMNESS: Mapping[Firmness, tuple[str, str]] = {
    Firmness.FIRM: ("ferme", "firm"),
    Firmness.UP_TO: ("« jusqu’à »", "up to"),
    Firmness.OPTION: ("en option", "option"),
    Firmness.REPORTED: ("selon la presse", "reported"),
}
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def why(rule: Rule, language: str, *, flow: Flow | None = None, quotes: Mapping[str, Rate] | None = None) -> str:
    """Return the line that tells why `rule` matched; where `flow`'s amount was converted, with the day of the rate."""
    teller = _Teller(1 if language.startswith("en") else 0, flow, quotes or {})
    return _WORDS["rule"][teller.place].format(id=rule.id, conditions=teller.told(rule))


def conditions_in_words(condition: Condition, language: str) -> str:
    """Return a condition, or a rule's, in words."""
    return _Teller(1 if language.startswith("en") else 0, None, {}).told(condition)


@dataclass(frozen=True, slots=True)
class _Teller:
    place: int
    flow: Flow | None
    quotes: Mapping[str, Rate]

    @property
    def english(self) -> bool:
        return self.place == 1

    def say(self, key: str, value: str = "") -> str:
        return _WORDS[key][self.place].format(value=value)

    def listed(self, key: str, values: Sequence[str]) -> list[str]:
        return [self.say(key, _WORDS["or"][self.place].join(values))] if values else []

    def told(self, condition: Condition) -> str:
        said = [*self._names(condition), *self._measures(condition)]
        if condition.any_of:
            inner = [self.say("group", self.told(one)) for one in condition.any_of]
            said.append(_WORDS["or"][self.place].join(inner))
        said += [self.say("group", self.told(one)) for one in condition.all_of]
        if condition.unless is not None:
            said.append(self.say("unless", self.told(condition.unless)))
        return ", ".join(said) or self.say("all")

    def _names(self, condition: Condition) -> list[str]:
        kinds = [kind.value if self.english else _KINDS[kind] for kind in condition.kinds]
        return [
            *self.listed("companies", condition.companies),
            *self.listed("payer", condition.payer),
            *self.listed("payee", condition.payee),
            *self.listed("kinds", kinds),
            *self.listed("statuses", [one.value if self.english else _STATUSES[one] for one in condition.statuses]),
            *self.listed("firmness", [_FIRMNESS[one][self.place] for one in condition.firmness]),
            *self.listed("country", condition.country),
            *self.listed("feeds", condition.feeds),
            *self.listed("houses", condition.houses),
            *self.listed("words", [self.say("word", one) for one in condition.words]),
        ]

    def _measures(self, condition: Condition) -> list[str]:
        said = []
        if condition.min_amount is not None:
            least = _money(condition.min_amount, condition.currency, english=self.english)
            said.append(self.say("amount", least) + self._rate(condition.currency))
        if condition.min_megawatts is not None:
            said.append(self.say("megawatts", _number(condition.min_megawatts, english=self.english)))
        if condition.loop is not None:
            said.append(self.say("loop" if condition.loop else "no_loop"))
        return said

    def _rate(self, currency: str) -> str:
        """Return which rate the flow's amount was converted by to be compared with one in `currency`, "" for none."""
        flow = self.flow
        if flow is None or flow.amount is None or flow.currency in (None, currency):
            return ""
        # The dollar is what rates are told in: its own says nothing.
        used = [self.quotes.get(code or "") for code in (flow.currency, currency) if code != "USD"]
        known = [rate for rate in used if rate is not None]
        if not known:
            return ""
        days = [rate.day for rate in known if rate.day is not None]
        if len(days) < len(known):
            return self.say("rate_set")
        bank = all(rate.source == "ECB" for rate in known)
        return self.say("rate_ecb" if bank else "rate", self._day(min(days)))

    def _day(self, day: date) -> str:
        return day.isoformat() if self.english else day.strftime("%d/%m/%Y")


def _money(amount: float, currency: str, *, english: bool) -> str:
    scale, french_unit, english_unit = next(
        ((scale, french, short) for scale, french, short in ((1e9, "Md", "bn"), (1e6, "M", "m")) if amount >= scale),
        (1.0, "", ""),
    )
    figure = _number(amount / scale, english=english)
    sign = _SIGNS.get(currency)
    if english:
        return f"{sign}{figure}{english_unit}" if sign else f"{currency} {figure}{english_unit}"
    unit = french_unit + sign if sign else f"{french_unit} {currency}".strip()
    return f"{figure} {unit}"


def _number(value: float, *, english: bool) -> str:
    written = f"{value:,.2f}".rstrip("0").rstrip(".")
    return written if english else written.replace(",", " ").replace(".", ",")
