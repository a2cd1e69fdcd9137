"""The road to the broker: a real Valkey that is gone when the answers come, and another one in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection
from kombu.entity import Queue

from worker import transport
from worker.adapters.broker import EmbeddedBroker


@pytest.mark.parametrize("answer", ["ack", "reject"])
def test_an_answer_that_the_broker_never_got_holds_no_place(tmp_path: Path, answer: str) -> None:
    transport.install()
    broker = EmbeddedBroker(tmp_path)
    opened: Any = Connection(broker.start())  # type: ignore[no-untyped-call]
    with opened as connection:
        channel = connection.channel()
        queue: Any = Queue("work", channel=channel)  # type: ignore[no-untyped-call]
        queue.declare()
        producer = connection.Producer(channel)
        for number in range(3):
            producer.publish(number, routing_key="work")
        channel.basic_qos(0, 2, False)
        taken = [message for _ in range(2) if (message := queue.get(no_ack=False)) is not None]
        assert not channel.qos.can_consume()
        broker.stop()
        for message in taken:
            with pytest.raises(connection.connection_errors):
                getattr(message, answer)()
        assert channel.qos.can_consume()
        broker.start()
        again = queue.get(no_ack=False)
        assert again is not None
        again.ack()
    broker.stop()


def test_a_queue_that_nobody_empties_stops_growing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    transport.install()
    broker = EmbeddedBroker(tmp_path)
    opened: Any = Connection(broker.start())  # type: ignore[no-untyped-call]
    with opened as connection:
        channel = connection.channel()
        queues: list[Any] = [Queue(name, channel=channel) for name in ("full", "empty")]  # type: ignore[no-untyped-call]
        producer = connection.Producer(channel)
        for queue in queues:
            queue.declare()
        for number in range(transport.ROOM + 5):
            producer.publish(number, routing_key="full")
        producer.publish("other", routing_key="empty")
        assert channel._size("full") == transport.ROOM
        assert "queue full" in caplog.text
        assert queues[1].get(no_ack=True).payload == "other"
        # The oldest have gone.
        assert queues[0].get(no_ack=True).payload == 5
        producer.publish("room again", routing_key="full")
        assert channel._size("full") == transport.ROOM
    broker.stop()
