"""The templates of config/templates, made safe to fill with what strangers wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from worker import text
from worker.errors import ConfigError, Fault
from worker.pipeline.messages.phrases import Phrases

_GAPS = re.compile("[\u00a0\u202f]")
_BLANKS = re.compile(r"\n{3,}")


def _is_html(name: str | None) -> bool:
    return name is not None and name.endswith((".html.j2", ".html"))


def _cleaned(value: Any) -> Any:
    # Markup is the templates' own; everything else may come from an article.
    return text.clean(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


class Templates:
    """Templates by name. Those that end in `.html.j2` escape every value; an undefined name is a fault."""

    def __init__(self, texts: Mapping[str, str], *, product: str) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=DictLoader(dict(texts)),
            undefined=StrictUndefined,
            autoescape=_is_html,
            finalize=_cleaned,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.globals["product"] = product

    def render(self, name: str, phrase: Phrases, values: Mapping[str, Any]) -> str:
        """Return the filled template. Plain text gets plain spaces, no blanks at line ends, single empty lines.

        Raises ConfigError for a template that is missing or wrong.
        """
        try:
            filled = self._environment.get_template(name).render(t=phrase, language=phrase.language, **values)
        except (TemplateError, TypeError, KeyError) as error:
            line = getattr(error, "lineno", None)
            where = f"templates/{getattr(error, 'name', None) or name}" + (f":{line}" if line else "")
            problem = f"{type(error).__name__}: {error}"
            raise ConfigError((Fault(where, "", problem, "a template as in the packaged config/templates"),)) from error
        if _is_html(name):
            return filled
        lines = [line.rstrip() for line in _GAPS.sub(" ", filled).splitlines()]
        return _BLANKS.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"
