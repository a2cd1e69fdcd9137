"""What alerts say: mails, webhook bodies, lines for the console, digests."""

from worker.pipeline.messages.composer import Messages

__all__ = ["Messages"]
