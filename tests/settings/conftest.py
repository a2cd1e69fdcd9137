"""A configuration folder that a test writes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from worker import settings
from worker.errors import ConfigError, Fault
from worker.settings import Settings

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
FEED = '[[feed]]\nid = "a"\nname = "A"\nurl = "https://a.example/feed"\n'


class Config:
    """A configuration folder that a test writes file by file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def write(self, name: str, text: str) -> Config:
        (self.folder / name).write_text(text, encoding="utf-8")
        return self

    def load(self, **environ: str) -> Settings:
        return settings.load(config=self.folder, environ=environ)

    def faults(self, **environ: str) -> tuple[Fault, ...]:
        with pytest.raises(ConfigError) as caught:
            self.load(**environ)
        return caught.value.faults

    def fault(self, **environ: str) -> Fault:
        faults = self.faults(**environ)
        assert len(faults) == 1, "\n".join(map(str, faults))
        return faults[0]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path / "config")
