"""The command line: what an operator asks, and the answer in words or in JSON. No decisions are made here."""

from worker.cli.app import app, main

__all__ = ["app", "main"]
