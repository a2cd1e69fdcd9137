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
_INITIALS = 4


def called(document: Document) -> Mapping[str, str]:
    """Return, for the names that mentions carry, what the article calls them where it differs: as its title does, else
    by the longest of its forms."""
    forms: dict[str, dict[str, str]] = {}
    titled: dict[str, str] = {}
    for sentence in document.sentences:
        for mention in sentence.mentions:
            if mention.known and mention.via in _OWN and mention.name:
                said, form = forms.setdefault(mention.name, {}), fold(mention.surface)
                if form not in said or _is_shouted(said[form]):
                    said[form] = mention.surface
                if sentence.part == "title" and not _is_shouted(mention.surface):
                    titled.setdefault(mention.name, mention.surface)
    found: dict[str, str] = {}
    for name, said in forms.items():
        own = fold(name)
        # A text that says "Apollo Global Management" says "Apollo", the name that the press uses.
        if not any(form == own or form.startswith(own + " ") for form in said):
            found[name] = titled.get(name) or said[max(said, key=len)]
    return found


def _is_shouted(surface: str) -> bool:
    """Whether a name is written in capitals as a whole title may be, and is too long for initials."""
    return surface.isupper() and len(surface) > _INITIALS


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
