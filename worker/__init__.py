"""gigawatch watches the French press for AI compute deals and tells its users, once per story, with the proof."""

__version__ = "0.1.0"
