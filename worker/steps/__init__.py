"""The imperative shell, one plain function per arrow of the design: load, ask, save, return what comes next."""

from worker.steps.deliver import deliver
from worker.steps.judge import judge
from worker.steps.parts import Parts, Policy, Ring
from worker.steps.poll import poll, tick
from worker.steps.prune import prune
from worker.steps.rates import refresh_rates
from worker.steps.read import read
from worker.steps.sweep import sweep
from worker.steps.watch import stand_in, watch

__all__ = [
    "Parts", "Policy", "Ring", "deliver", "judge", "poll", "prune", "read", "refresh_rates", "stand_in", "sweep",
    "tick", "watch",
]  # fmt: skip
