"""What an article calls the organisations of the list.

A reader of a proof looks for the name that stands in the article: a list that knows "Constellation Energy" does not
make a text that says "Constellation" say more. Brands, phrases and persons are no names of the organisation itself:
there the list's name holds, as wherever the text has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.model import Flow
from worker.pipeline.detection.document import Document
from worker.text import fold

_OWN = frozenset(("name", "alias"))


def called(document: Document) -> Mapping[str, str]:
    """Return, for the names that mentions carry, what the article calls them where it differs: in its title, else at
    the greatest length."""
    forms: dict[str, dict[str, str]] = {}
    titled: dict[str, str] = {}
    for sentence in document.sentences:
        for mention in sentence.mentions:
            if mention.known and mention.via in _OWN and mention.name:
                forms.setdefault(mention.name, {}).setdefault(fold(mention.surface), mention.surface)
                if sentence.part == "title":
                    titled.setdefault(mention.name, mention.surface)
    found: dict[str, str] = {}
    for name, said in forms.items():
        own = fold(name)
        # A text that says "Apollo Global Management" says "Apollo", the name that the press uses.
        if not any(form == own or form.startswith(own + " ") for form in said):
            found[name] = titled.get(name) or said[max(said, key=len)]
    return found


def renamed(flows: Sequence[Flow], names: Mapping[str, str]) -> tuple[Flow, ...]:
    """Return the flows with their parties called by other names, those of `called`."""
    return tuple(
        replace(
            flow,
            payer=flow.payer and names.get(flow.payer, flow.payer),
            payee=flow.payee and names.get(flow.payee, flow.payee),
        )
        for flow in flows
    )
