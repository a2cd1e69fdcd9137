"""Every type of webhook as a receiver sees it: valid by the published schema, verified by the reference library."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.adapters.web import Request, Site, answer
from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import SCHEMA
from worker.adapters.http import HttpClient
from worker.adapters.webhook import WebhookChannel
from worker.model import Alert, AlertType, ChannelKind, Recipient
from worker.pipeline.messages import sample
from worker.pipeline.messages.rehearsal import drafts

NEW, OLD, FOREIGN = ("whsec_" + base64.b64encode(letter * 32).decode() for letter in (b"n", b"o", b"f"))
MESSAGES = samples.messages()


def alerts(now: datetime) -> Iterator[Alert]:
    """One alert of each type at least."""
    to = Recipient("crm", ChannelKind.WEBHOOK, "", "fr")
    told = [MESSAGES.compose(draft) for draft in drafts(to, now)]
    yield from told
    yield MESSAGES.compose(sample.draft(to, now, "fr"))
    yield MESSAGES.compose_digest(told[:4], rule=samples.RULE, recipient=to, now=now)
    for healed in (False, True):
        yield MESSAGES.compose_system(title="x", lines=["y"], recipient=to, now=now, key="k", healed=healed)


def received(secrets: tuple[str, ...]) -> list[Request]:
    async def run() -> list[Request]:
        now = datetime.now(UTC)  # the library takes nothing older than five minutes
        async with Site({"/hook": answer(204)}) as site, HttpClient(user_agent="t", allow=(site.address,)) as client:
            to = Recipient("crm", ChannelKind.WEBHOOK, site.url("/hook"), secrets=secrets)
            for alert in alerts(now):
                await WebhookChannel(client, timeout=5).send(alert, to, now=now)
            return site.requests

    return asyncio.run(run())


def test_every_type_is_valid_and_verified_with_either_secret() -> None:
    requests = received((NEW, OLD))
    types = set()
    for request in requests:
        for secret in (NEW, OLD):
            content = Webhook(secret).verify(request.body, request.headers)
            assert content == json.loads(request.body)
        with pytest.raises(WebhookVerificationError):
            Webhook(FOREIGN).verify(request.body, request.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(NEW).verify(request.body + b" ", request.headers)
        jsonschema.validate(content, SCHEMA, cls=jsonschema.Draft202012Validator)
        assert content["data"]["id"] == request.headers["webhook-id"]
        types.add(content["type"])
    assert types == set(AlertType)


def test_the_schema_is_one_itself_and_refuses_what_is_not_ours() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    alert = next(alerts(samples.NOW))
    content = json.loads(alert.body)
    assert validator.is_valid(content)
    for wrong in (
        {**content, "type": "deal.forgotten"},
        {**content, "type": "system"},
        {**content, "type": "digest"},
        {**content, "more": 1},
        {**content, "data": {**content["data"], "more": 1}},
        {**content, "data": {**content["data"], "schema": "2"}},
        {**content, "data": {name: value for name, value in content["data"].items() if name != "flows"}},
    ):
        assert not validator.is_valid(wrong), wrong


def test_after_the_change_of_secrets_the_old_one_is_of_no_use() -> None:
    request = received((NEW,))[0]
    Webhook(NEW).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(request.body, request.headers)


def test_a_repeat_is_the_same_to_the_byte() -> None:
    first, second = (list(alerts(samples.NOW)) for _ in range(2))
    assert [replace(one, data={}) for one in first] == [replace(one, data={}) for one in second]
