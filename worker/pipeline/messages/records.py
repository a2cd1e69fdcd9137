"""The `data` object of an alert: JSON-ready, the same for every channel. Published as config/webhook.schema.json."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from worker import text
from worker.model import Alert, Bound, Change, Draft, Edge, Evidence, Flow, Kind, Source, Status, Story
from worker.pipeline.messages import circles, vouching

SCHEMA = "1"
# Standard Webhooks advises bodies under 20 kB; the difference is for the frame around `data`.
LARGEST = 20_000 - 300
_NAME, _TITLE, _SENTENCE, _ADDRESS = 200, 300, 1_000, 2_000  # characters
_FLOWS, _EVIDENCE, _CHANGES, _LOOPS, _SOURCES, _WHY, _DIGEST = 40, 8, 40, 5, 30, 10, 60


def stamp(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def address(url: str) -> str:
    """Return a web address that may be linked, "" for anything else."""
    url = text.one_line(url)
    return url if len(url) <= _ADDRESS and text.is_web_address(url) else ""


def _value(value: Any) -> Any:
    """Numbers without a needless `.0`, no NaN or infinity (JSON has neither), texts cleaned."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() else value
    if isinstance(value, str):
        return text.one_line(value, _SENTENCE)
    if isinstance(value, Mapping):
        return {text.one_line(str(key), _NAME): _value(held) for key, held in list(value.items())[:20]}
    if isinstance(value, list | tuple):
        return [_value(held) for held in value[:20]]
    return value


def _party(name: str | None) -> str | None:
    return text.one_line(name, _NAME) or None if name else None


def flow_record(flow: Flow) -> dict[str, Any]:
    """Return a flow with the fields of the README's table, and its evidence."""
    return {
        "payer": _party(flow.payer),
        "payee": _party(flow.payee),
        "kind": flow.kind.value,
        "amount": _value(flow.amount),
        "currency": _value(flow.currency),
        "megawatts": _value(flow.megawatts),
        "chips": _value(flow.chips),
        "years": _value(flow.years),
        "bound": flow.bound.value,
        "status": flow.status.value,
        "evidence": [_evidence(one) for one in flow.evidence[:_EVIDENCE]],
    }


def flow_of(record: Mapping[str, Any]) -> Flow:
    """Return the flow that `flow_record` wrote, without its evidence."""
    return Flow(
        payer=record["payer"],
        payee=record["payee"],
        kind=Kind(record["kind"]),
        amount=record["amount"],
        currency=record["currency"],
        megawatts=record["megawatts"],
        chips=record["chips"],
        years=record["years"],
        bound=Bound(record["bound"]),
        status=Status(record["status"]),
    )


def _evidence(one: Evidence) -> dict[str, Any]:
    return {
        "field": one.field,
        "quote": text.one_line(one.quote, _TITLE),
        "sentence": text.one_line(one.sentence, _SENTENCE),
        "part": one.span.part,
        "start": one.span.start,
        "end": one.span.end,
    }


def _story(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "title": text.one_line(story.title, _TITLE),
        "version": story.version,
        "status": story.status.value,
        "parties": [text.one_line(name, _NAME) for name in story.parties[:_FLOWS]],
        "opened_at": stamp(story.opened_at),
        "updated_at": stamp(story.updated_at),
        "earlier": story.earlier or None,
    }


def _change(change: Change) -> dict[str, Any]:
    flow = flow_record(change.flow) if change.flow else None
    if flow is not None:
        del flow["evidence"]  # told once, with the story's flows
    return {"kind": change.kind.value, "flow": flow, "before": _value(change.before), "after": _value(change.after)}


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "payer": _party(edge.payer),
        "payee": _party(edge.payee),
        "kind": edge.kind.value,
        "amount": _value(edge.amount),
        "currency": _value(edge.currency),
        "status": edge.status.value,
        "bound": edge.bound.value,
        "story_id": edge.story_id,
        "date": stamp(edge.date),
        "source": text.one_line(edge.source, _NAME),
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "title": text.one_line(source.title, _TITLE),
        "url": address(source.url),
        "source": text.one_line(source.source, _NAME),
        "house": text.one_line(source.house, _NAME),
        "published": stamp(source.published) if source.published else None,
        "origin": source.origin,
        "limits": source.limits.value,
    }


def record(draft: Draft) -> dict[str, Any]:
    """Return the `data` of one alert, small enough for a webhook; `truncated` says that something was left out."""
    story = draft.story
    flows = story.flows if story else ()
    loops = circles.loops_of(draft)
    sources = story.sources if story else ()
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "id": draft.id,
        "story": _story(story) if story else None,
        "flows": [{**flow_record(held.flow), "fields": vouching.fields_record(held.fields)} for held in flows[:_FLOWS]],
        "changes": [_change(change) for change in draft.changes[:_CHANGES]],
        "loops": [{"id": loop.id, "edges": [_edge(edge) for edge in loop.edges]} for loop in loops[:_LOOPS]],
        "sources": [_source(source) for source in sources[-_SOURCES:]],
        "why": [text.one_line(why, _TITLE) for why in draft.why[:_WHY]],
    }
    if draft.message:
        data["message"] = text.clean(draft.message)[:4_000]
    over = len(flows) > _FLOWS or len(sources) > _SOURCES or len(loops) > _LOOPS or len(draft.changes) > _CHANGES
    if over:
        data["truncated"] = True
    return fitted(
        data, (_amounts_alone, _disputes_alone, _no_evidence, halve("sources"), halve("changes"), halve("flows"))
    )


def digest_record(alerts: Sequence[Alert], digest_id: str) -> dict[str, Any]:
    """Return the `data` of a digest: its alerts, each with story, flows and sources."""
    parts = [
        {
            "id": alert.id,
            "type": alert.type.value,
            "subject": text.one_line(alert.subject, _TITLE),
            "story": alert.data.get("story"),
            "flows": [{**flow, "evidence": [], "fields": []} for flow in alert.data.get("flows", [])],
            "sources": alert.data.get("sources", []),
        }
        for alert in alerts[:_DIGEST]
    ]
    data: dict[str, Any] = {"schema": SCHEMA, "id": digest_id, "alerts": parts}
    if len(alerts) > _DIGEST:
        data["truncated"] = True
    return fitted(data, (_one_source_each, halve("alerts")))


Cut = Callable[[dict[str, Any]], dict[str, Any]]


def size(data: Mapping[str, Any]) -> int:
    """Return how many bytes `data` takes in a webhook body."""
    return len(dump(data).encode("utf-8"))


def dump(data: Mapping[str, Any]) -> str:
    """Return the exact JSON text."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def fitted(data: dict[str, Any], cuts: tuple[Cut, ...]) -> dict[str, Any]:
    """Cut what is least missed first; the last cuts are repeated until the size is right."""
    for _ in range(8):
        for cut in cuts:
            if size(data) <= LARGEST:
                return data
            data = {**cut(data), "truncated": True}
    return data


def _amounts_alone(data: dict[str, Any]) -> dict[str, Any]:
    def kept(flow: dict[str, Any]) -> list[Any]:
        return [one for one in flow["evidence"] if one["field"] == "amount"][:1]

    return {**data, "flows": [{**flow, "evidence": kept(flow)} for flow in data["flows"]]}


def _disputes_alone(data: dict[str, Any]) -> dict[str, Any]:
    def kept(flow: dict[str, Any]) -> list[Any]:
        return [one for one in flow["fields"] if one["disputed"]]

    return {**data, "flows": [{**flow, "fields": kept(flow)} for flow in data["flows"]]}


def _no_evidence(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "flows": [{**flow, "evidence": []} for flow in data["flows"]]}


def halve(name: str) -> Cut:
    def cut(data: dict[str, Any]) -> dict[str, Any]:
        held = data[name]
        return {**data, name: held[: max(1, len(held) // 2)] if held else held}

    return cut


def _one_source_each(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "alerts": [{**alert, "sources": alert["sources"][:1]} for alert in data["alerts"]]}
