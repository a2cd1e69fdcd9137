"""Who is told of which change and why, and when a delivery is tried again."""

from worker.pipeline.alerts.conditions import asks_for_loops, asks_for_tellers
from worker.pipeline.alerts.reasons import conditions_in_words
from worker.pipeline.alerts.retries import next_attempt
from worker.pipeline.alerts.selection import confirmed, select

__all__ = ["asks_for_loops", "asks_for_tellers", "conditions_in_words", "confirmed", "next_attempt", "select"]
