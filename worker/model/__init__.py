"""The one vocabulary of gigawatch. Frozen values, no behaviour beyond what follows from a value itself.

Times are timezone-aware UTC. Money is in units of its currency, capacity in MW, terms in years.
Definitions of deal, flow, kind, status and story: see "What counts as a deal" in the README.
"""

from worker.model.alerts import (
    Alert,
    AlertType,
    ChannelKind,
    Condition,
    Draft,
    Firmness,
    Hold,
    Pace,
    Rate,
    Receipt,
    Recipient,
    Rule,
    Schedule,
)
from worker.model.deals import Bound, Evidence, Flow, Kind, Reason, Span, Status, Verdict
from worker.model.decisions import EVERYBODY, Account, Decision, DecisionKind, GivenUp, RecipientState, Rulings
from worker.model.press import Article, Cause, Entry, Feed, FeedState, PageRules, ParsedFeed
from worker.model.stories import Change, ChangeKind, Claim, Edge, Field, Loop, Source, Story, StoryFlow
from worker.model.watch import CANARY, Alarm, Backlog, CanaryRun, PageRead, Stage, Trouble, TroubleKind

__all__ = [
    "CANARY",
    "EVERYBODY",
    "Account",
    "Alarm",
    "Alert",
    "AlertType",
    "Article",
    "Backlog",
    "Bound",
    "CanaryRun",
    "Cause",
    "Change",
    "ChangeKind",
    "ChannelKind",
    "Claim",
    "Condition",
    "Decision",
    "DecisionKind",
    "Draft",
    "Edge",
    "Entry",
    "Evidence",
    "Feed",
    "FeedState",
    "Field",
    "Firmness",
    "Flow",
    "GivenUp",
    "Hold",
    "Kind",
    "Loop",
    "Pace",
    "PageRead",
    "PageRules",
    "ParsedFeed",
    "Rate",
    "Reason",
    "Receipt",
    "Recipient",
    "RecipientState",
    "Rule",
    "Rulings",
    "Schedule",
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
