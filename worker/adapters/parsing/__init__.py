"""Documents that anybody may have written, read in a process apart: see `isolated` and, inside it, `child`."""

from worker.adapters.parsing.isolated import IsolatedParser, ParserLimits

__all__ = ["IsolatedParser", "ParserLimits"]
