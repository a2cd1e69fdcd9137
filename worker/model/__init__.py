"""The one vocabulary of gigawatch. Frozen values, no behaviour beyond what follows from a value itself.

Times are timezone-aware UTC. Money is in units of its currency, capacity in MW, terms in years.
Definitions of deal, flow, kind, status and story: see "What counts as a deal" in the README.
"""

from worker.model.alerts import Alert, AlertType, ChannelKind, Draft, Receipt, Recipient, Rule
from worker.model.deals import Bound, Evidence, Flow, Kind, Reason, Span, Status, Verdict
from worker.model.press import Article, Cause, Entry, Feed, FeedState, PageRules
from worker.model.stories import Change, ChangeKind, Edge, Loop, Source, Story, StoryFlow
from worker.model.watch import CANARY, Alarm, CanaryRun, PageRead, Stage, Trouble, TroubleKind

__all__ = [
    "CANARY",
    "Alarm",
    "Alert",
    "AlertType",
    "Article",
    "Bound",
    "CanaryRun",
    "Cause",
    "Change",
    "ChangeKind",
    "ChannelKind",
    "Draft",
    "Edge",
    "Entry",
    "Evidence",
    "Feed",
    "FeedState",
    "Flow",
    "Kind",
    "Loop",
    "PageRead",
    "PageRules",
    "Reason",
    "Receipt",
    "Recipient",
    "Rule",
    "Source",
    "Span",
    "Stage",
    "Status",
    "Story",
    "StoryFlow",
    "Trouble",
    "TroubleKind",
    "Verdict",
]
