"""The queue: one Celery application, its options, its queues and its timetable. Tasks are in `tasks.py`.

Every option below is there because the default was seen to lose, double or block something (Celery 5.7, kombu 5.7).
"""

from __future__ import annotations

import logging
import os
from typing import Any

# Read when billiard is first imported: SIGTERM then means a soft shutdown, which was seen to lose and double nothing.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError

from worker import transport
from worker.settings import Settings
from worker.steps import Ring

log = logging.getLogger("gigawatch.queue")

STEPS = ("poll", "read", "judge", "deliver")
QUEUES = ("clock", *STEPS)
# How often each queue carries an empty task, so that an idle worker proves that the whole way is open.
PULSE_S = 15.0
# A task is asked to end before it is ended, so that what it holds open is closed in order.
_SOFT = 0.8
# How often it is looked whether the day's rates of exchange are due; the store knows when.
_RATES_S = 600.0


def task_name(step: str) -> str:
    """Return the name under which a step's task is published."""
    return f"gigawatch.{step}"


def _queue(name: str) -> Any:
    return Queue(name, Exchange(name), routing_key=name)  # type: ignore[no-untyped-call]


def create(settings: Settings, broker_url: str) -> Celery:
    """Return the application for `broker_url`, without any task yet."""
    transport.install()
    app = Celery("gigawatch", broker=broker_url, set_as_current=False)
    app.conf.update(
        # A task that dies with its worker comes back; one that always kills it is stopped by the row's own counter.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        # The store holds every outcome; results would only fill the broker.
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        task_create_missing_queues=False,
        # Each queue with its own exchange: on a shared one every queue would get every message.
        task_queues=[_queue(name) for name in QUEUES],
        task_default_queue="clock",
        task_soft_time_limit=_SOFT * settings.worker.task_limit_s,
        task_time_limit=settings.worker.task_limit_s,
        # By default a frozen broker blocks the publisher for ever.
        task_publish_retry=False,
        broker_pool_acquire_timeout=5,
        broker_connection_timeout=5,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,
        broker_transport_options={
            "visibility_timeout": settings.worker.task_limit_s + 60,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_timeout": 5,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        # Long enough for a delivery under way; what is cut off keeps its row and comes back by the sweep.
        worker_soft_shutdown_timeout=3.0,
        worker_enable_soft_shutdown_on_idle=False,
        worker_max_tasks_per_child=500,
        worker_max_memory_per_child=400_000,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        timezone="UTC",
        enable_utc=True,
        beat_schedule={**_timetable(settings), **{f"pulse {name}": _planned(name, PULSE_S, [[]]) for name in STEPS}},
        # A plan kept in a file would only be a thing that two schedulers can spoil for each other: due work is a query.
        beat_scheduler="celery.beat:Scheduler",
        beat_max_loop_interval=5,
    )
    return app


def _timetable(settings: Settings) -> dict[str, dict[str, Any]]:
    periods = {
        "tick": settings.polling.tick_s,
        "sweep": settings.polling.sweep_s,
        # Asked often, for a plan of a day would begin anew at each start; the step itself goes by the store.
        "prune": 900.0,
        "refresh_rates": _RATES_S,
        "watch": settings.canary.watch_s,
    }
    return {name: _planned(name, seconds, []) for name, seconds in periods.items()}


def _planned(name: str, seconds: float, arguments: list[Any]) -> dict[str, Any]:
    queue = name if name in STEPS else "clock"
    return {
        "task": task_name(name),
        "schedule": seconds,
        "args": arguments,
        # A tick that nobody took is worth nothing once the next one is due.
        "options": {"queue": queue, "expires": max(2.0, 2 * seconds)},
    }


def ring(app: Celery, rings: tuple[Ring, ...]) -> int:
    """Ask the workers for what `rings` name; returns how many could be asked.

    Never raises for a broker that is away: the rows are in the store, and the next sweep asks again.
    """
    asked = 0
    for one in rings:
        try:
            timed = one.step not in STEPS
            arguments = [] if timed else [list(one.ids)]
            queue = "clock" if timed else one.step
            # Never more than a minute: a worker keeps such a message in its memory until then.
            later = {"countdown": min(one.after_s, 60.0)} if one.after_s > 0 else {}
            app.send_task(task_name(one.step), args=arguments, queue=queue, **later)
        except (OperationalError, OSError) as error:
            log.warning("the broker took no message (%s); the sweep asks again", error, extra={"part": "broker"})
            break
        asked += 1
    return asked
