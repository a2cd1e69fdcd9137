"""The scheduler's table: everything in it is a task that workers know."""

from __future__ import annotations

from worker.celery_app import create
from worker.settings import Settings
from worker.tasks import register


def test_every_entry_of_the_timetable_is_a_task(settings: Settings) -> None:
    app = create(settings, "memory://")
    register(app, settings)
    planned = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"gigawatch.tick", "gigawatch.sweep", "gigawatch.refresh_rates"} <= planned
    assert planned <= set(app.tasks)
