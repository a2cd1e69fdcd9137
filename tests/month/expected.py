"""Who is told what, and when, as a careful reader of the script and of alerts.toml would have it: written by hand.

One line an alert: day and time in Paris, type, story. A digest names what it holds as `story:type`, in any order.
"""

from __future__ import annotations

TABLES = {
    # Every new deal, every material change, every loop, at the round that brings it.
    "tout": """
        03-02 12:00 deal.detected nvidia-openai
        03-03 12:00 deal.detected silexa-nordlys
        03-03 12:00 deal.detected mistral-armorica
        03-04 12:00 deal.detected cohere-hydrocalcul
        03-05 12:00 deal.detected mirandole-ardenne
        03-06 12:00 deal.detected microsoft-alpenstrom
        03-09 12:00 deal.detected meta-brabant
        03-10 12:00 deal.detected google-helvia
        03-10 12:00 deal.detected openai-oracle
        03-11 12:00 deal.updated cohere-hydrocalcul
        03-12 12:00 deal.updated mirandole-ardenne
        03-13 22:30 deal.detected nordlys-silexa
        03-13 22:30 loop.closed nordlys-silexa
        03-16 12:00 deal.detected ardenne-quartzia
        03-16 12:00 deal.updated google-helvia
        03-17 12:00 deal.detected caldera-terracentre
        03-18 12:00 deal.updated nordlys-silexa
        03-19 12:00 deal.detected oracle-nvidia
        03-19 12:00 loop.closed oracle-nvidia
        03-20 12:00 deal.updated mistral-armorica
        03-23 12:00 deal.cancelled meta-brabant
        03-24 12:00 deal.detected quartzia-mirandole
        03-24 12:00 loop.closed quartzia-mirandole
        03-25 12:00 deal.detected apollo-xai
        03-27 12:00 deal.updated oracle-nvidia
        03-27 12:00 loop.closed oracle-nvidia
        03-30 12:00 deal.updated microsoft-alpenstrom
    """,
    # Compute and chips of a billion dollars: 900 millions of euros are, 1.1 billion Canadian dollars and 700 millions
    # of Swiss francs are not; of the loops those that such a flow closes.
    "milliards": """
        03-03 12:00 deal.detected mistral-armorica
        03-05 12:00 deal.detected mirandole-ardenne
        03-09 12:00 deal.detected meta-brabant
        03-10 12:00 deal.detected openai-oracle
        03-12 12:00 deal.updated mirandole-ardenne
        03-13 22:30 deal.detected nordlys-silexa
        03-13 22:30 loop.closed nordlys-silexa
        03-16 12:00 deal.detected ardenne-quartzia
        03-19 12:00 deal.detected oracle-nvidia
        03-19 12:00 loop.closed oracle-nvidia
        03-23 12:00 deal.cancelled meta-brabant
        03-27 12:00 deal.updated oracle-nvidia
        03-27 12:00 loop.closed oracle-nvidia
    """,
    # One company; what happens at half past ten in the evening waits for seven.
    "nordlys": """
        03-03 12:00 deal.detected silexa-nordlys
        03-14 07:00 digest nordlys-silexa:deal.detected nordlys-silexa:loop.closed
        03-18 12:00 deal.updated nordlys-silexa
    """,
    # What these six buy, once it is official or given up: no talks, no power.
    "clients": """
        03-03 12:00 deal.detected mistral-armorica
        03-09 12:00 deal.detected meta-brabant
        03-10 12:00 deal.detected openai-oracle
        03-11 12:00 deal.updated cohere-hydrocalcul
        03-16 12:00 deal.updated google-helvia
        03-20 12:00 deal.updated mistral-armorica
        03-23 12:00 deal.cancelled meta-brabant
    """,
    "boucles": """
        03-13 22:30 loop.closed nordlys-silexa
        03-19 12:00 loop.closed oracle-nvidia
        03-24 12:00 loop.closed quartzia-mirandole
        03-27 12:00 loop.closed oracle-nvidia
    """,
    # Of stories that Swiss, Belgian or Québec papers have told by then, whoever told them first, the next morning at
    # eight, on summer time too; one alone leaves as itself.
    "matin": """
        03-03 08:00 deal.detected nvidia-openai
        03-04 08:00 deal.detected silexa-nordlys
        03-05 08:00 deal.detected cohere-hydrocalcul
        03-06 08:00 deal.detected mirandole-ardenne
        03-07 08:00 deal.detected microsoft-alpenstrom
        03-10 08:00 deal.detected meta-brabant
        03-11 08:00 digest google-helvia:deal.detected openai-oracle:deal.detected
        03-12 08:00 deal.updated cohere-hydrocalcul
        03-13 08:00 deal.updated mirandole-ardenne
        03-15 08:00 deal.detected nordlys-silexa
        03-17 08:00 digest ardenne-quartzia:deal.detected google-helvia:deal.updated
        03-18 08:00 deal.detected caldera-terracentre
        03-19 08:00 deal.updated nordlys-silexa
        03-21 08:00 deal.detected oracle-nvidia
        03-24 08:00 deal.cancelled meta-brabant
        03-25 08:00 deal.detected quartzia-mirandole
        03-26 08:00 deal.detected apollo-xai
        03-28 08:00 digest oracle-nvidia:deal.updated oracle-nvidia:loop.closed
        03-31 08:00 deal.updated microsoft-alpenstrom
    """,
}

# What changed at each update, by day and story, besides the loops that it closes; and the path of each loop.
CHANGES = {
    "03-11 cohere-hydrocalcul": "status",
    "03-12 mirandole-ardenne": "amount",
    "03-16 google-helvia": "new_party",
    "03-18 nordlys-silexa": "new_flow",
    "03-20 mistral-armorica": "extended",
    "03-23 meta-brabant": "cancelled",
    "03-27 oracle-nvidia": "extended",
    "03-30 microsoft-alpenstrom": "extended",
}
LOOPS = {
    "03-13 nordlys-silexa": "Nordlys Compute > Silexa",
    "03-19 oracle-nvidia": "NVIDIA > OpenAI > Oracle",
    "03-24 quartzia-mirandole": "Ardenne Cloud > Quartzia > Mirandole IA",
    "03-27 oracle-nvidia": "NVIDIA > OpenAI > Oracle",
}


def rows(recipient: str) -> list[str]:
    """Return the lines of one recipient's table, in order, the parts of a digest in order too."""
    return sorted(map(_in_order, filter(None, map(str.strip, TABLES[recipient].splitlines()))))


def _in_order(line: str) -> str:
    day, time, kind, *stories = line.split()
    return " ".join((day, time, kind, *sorted(stories)))
