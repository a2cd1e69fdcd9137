"""Who is told of which change and why, and when a delivery is tried again."""

from worker.pipeline.alerts.conditions import asks_for_loops
from worker.pipeline.alerts.reasons import conditions_in_words
from worker.pipeline.alerts.retries import next_attempt
from worker.pipeline.alerts.selection import select

__all__ = ["asks_for_loops", "conditions_in_words", "next_attempt", "select"]
