"""Pictures of every sort of mail, for the eye: French and English, light and dark, 600 and 380 pixels wide.

`python -m tests.messages.screenshots OUT [NAME...]` writes PNG files into OUT with headless Chromium, and ends with 1
where a page is wider than its window or a figure is broken over two lines.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from tests.messages.scenes import mails
from tests.pipeline.message_samples import html, parsed

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_WIDTHS = (600, 380)
# Blink's own numbers for prefers-color-scheme.
_SCHEMES = {"dark": 0, "light": 1}
# The frame has the width of a window that no desktop browser would be narrow enough for.
_FRAME = """<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body{margin:0}iframe{display:block;border:0}</style>
<iframe id="mail" width="WIDTH" height="HEIGHT" srcdoc="PAGE"></iframe><pre id="seen"></pre><script>
const frame = document.getElementById("mail");
frame.onload = () => {
  const page = frame.contentDocument, root = page.documentElement;
  const broken = [], texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) for (const hit of texts.currentNode.data.matchAll(/[\\d$€£][^ \\n-]*/g)) {
    const range = page.createRange();
    range.setStart(texts.currentNode, hit.index);
    range.setEnd(texts.currentNode, hit.index + hit[0].length);
    if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) broken.push(hit[0]);
  }
  const seen = {height: page.body.scrollHeight, width: root.scrollWidth, broken: broken};
  document.getElementById("seen").textContent = "SEEN" + JSON.stringify(seen) + "END";
};
</script>"""


def _browser() -> str:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        sys.exit("no Chromium here: apt-get install -y chromium")
    return found


def _run(*options: str) -> str:
    command = [_browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def _shoot(page: str, target: Path, *, width: int, scheme: str) -> list[str]:
    """Write one picture; returns what is wrong with it."""
    settings = f"--blink-settings=preferredColorScheme={_SCHEMES[scheme]}"
    with tempfile.TemporaryDirectory(prefix="gw-pictures-") as folder:
        file = Path(folder) / "frame.html"
        framed = _FRAME.replace("WIDTH", str(width)).replace("PAGE", escape(page))
        file.write_text(framed.replace("HEIGHT", "1"), encoding="utf-8")
        answer = _run(settings, "--window-size=800,600", "--dump-dom", file.as_uri())
        seen = re.search(r"SEEN(\{.*\})END", answer)
        if seen is None:
            return [f"{target.name}: the page did not load"]
        measured = json.loads(seen[1])
        file.write_text(framed.replace("HEIGHT", str(measured["height"])), encoding="utf-8")
        size = f"--window-size={width},{measured['height']}"
        _run(settings, "--force-device-scale-factor=2", size, f"--screenshot={target}", file.as_uri())
    wrong = [f"{target.name}: {measured['width']} px wide"] if measured["width"] > width else []
    return wrong + [f"{target.name}: broken figure: {one}" for one in measured["broken"]]


def pictures(out: Path, names: Sequence[str]) -> Iterator[str]:
    """Write the pictures of the mails named (all without names); gives what is wrong with each."""
    out.mkdir(parents=True, exist_ok=True)
    for language in ("fr", "en"):
        for name, alert in mails(language).items():
            if names and name not in names:
                continue
            page = html(parsed(alert.body))
            for scheme in _SCHEMES:
                for width in _WIDTHS:
                    target = out / f"{name}-{language}-{scheme}-{width}.png"
                    yield from _shoot(page, target, width=width, scheme=scheme)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    faults = list(pictures(Path(sys.argv[1]).resolve(), sys.argv[2:]))
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    sys.exit(1 if faults else 0)
