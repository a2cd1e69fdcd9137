"""What alerts say: mails, webhook bodies, lines for the console and for chat, digests, service notices."""

from worker.pipeline.messages.composer import Messages
from worker.pipeline.messages.links import Links
from worker.pipeline.messages.mail import Letterhead
from worker.pipeline.messages.templating import Templates

__all__ = ["Letterhead", "Links", "Messages", "Templates"]
