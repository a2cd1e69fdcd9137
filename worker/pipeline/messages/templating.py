"""The templates of config/templates, made safe to fill with what strangers wrote."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from worker import text
from worker.errors import ConfigError, Fault
from worker.pipeline.messages.phrases import Phrases

_GAPS = re.compile("[\u00a0\u202f]")
_BLANKS = re.compile(r"\n{3,}")
_EXPECTED = "a template as in the packaged config/templates; until then those are used"


def _is_html(name: str | None) -> bool:
    return name is not None and name.endswith((".html.j2", ".html"))


def _cleaned(value: Any) -> Any:
    # Markup is the templates' own; everything else may come from an article.
    return text.clean(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


class Templates:
    """Templates by name. Those that end in `.html.j2` escape every value; an undefined name is a fault.

    `texts` are the templates in force and `packaged` those that gigawatch brings: where one of `texts` cannot be used,
    `on_fault` is given its fault (`folder` names the place of one's own) and the packaged ones are filled instead.
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        *,
        product: str,
        packaged: Mapping[str, str] | None = None,
        folder: str = "templates",
        on_fault: Callable[[Fault], None] | None = None,
    ) -> None:
        own = None if packaged is None or dict(packaged) == dict(texts) else texts
        self._packaged = _environment(texts if packaged is None else packaged, product)
        self._own = None if own is None else _environment(own, product)
        self._folder = folder
        self._on_fault = on_fault

    def render(self, name: str, phrase: Phrases, values: Mapping[str, Any]) -> str:
        """Return the filled template. Plain text gets plain spaces, no blanks at line ends, single empty lines.

        Raises ConfigError where the packaged template is missing or wrong.
        """
        if self._own is not None:
            try:
                return self._filled(self._own, name, phrase, values)
            except ConfigError as error:
                if self._on_fault is not None:
                    for fault in error.faults:
                        self._on_fault(fault)
        return self._filled(self._packaged, name, phrase, values)

    def _filled(
        self, environment: ImmutableSandboxedEnvironment, name: str, phrase: Phrases, values: Mapping[str, Any]
    ) -> str:
        try:
            filled = environment.get_template(name).render(t=phrase, language=phrase.language, **values)
        except Exception as error:  # a template is a program, and its errors may be any
            raise ConfigError((self._fault(name, error),)) from error
        if _is_html(name):
            return filled
        # Only the mark before a signature has a blank at its end (RFC 3676, 4.3).
        lines = [line if line == "-- " else line.rstrip() for line in _GAPS.sub(" ", filled).splitlines()]
        return _BLANKS.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"

    def _fault(self, name: str, error: Exception) -> Fault:
        # A fault of syntax knows its place; any other is where the traceback last stood in a template.
        place = getattr(error, "name", None) if isinstance(error, TemplateError) else None
        line = getattr(error, "lineno", None)
        if line is None:
            steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename.endswith(".j2")]
            place, line = (steps[-1].filename, steps[-1].lineno) if steps else (place, None)
        where = f"{self._folder}/{place or name}" + (f":{line}" if line else "")
        return Fault(where, "", f"{type(error).__name__}: {error}", _EXPECTED)


def _environment(texts: Mapping[str, str], product: str) -> ImmutableSandboxedEnvironment:
    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        # The name stands for the file's, so that a traceback tells where in the templates it went wrong.
        return (texts[name], name, lambda: True) if name in texts else None

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        autoescape=_is_html,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["product"] = product
    return environment
