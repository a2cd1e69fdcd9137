"""Templates: the packaged ones fill with whatever there is, and faulty ones of one's own stop nothing."""

from __future__ import annotations

import pytest

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import NOW, draft, html, packaged, parsed, plain
from worker.errors import ConfigError, Fault
from worker.model import ChannelKind
from worker.pipeline.messages import Templates
from worker.pipeline.messages.rehearsal import rehearse


def own(faults: list[Fault], **texts: str) -> Templates:
    """The packaged templates under those of an operator; what is wrong with these goes into `faults`."""
    named = {name.replace("__", "."): text for name, text in texts.items()}
    return Templates(
        {**packaged(), **named}, product="9.9.9", packaged=packaged(), folder="mine/templates", on_fault=faults.append
    )


def test_every_packaged_template_fills_with_the_least_and_the_most() -> None:
    used: set[str] = set()

    class Watched(Templates):
        def render(self, name: str, *arguments: object) -> str:
            used.add(name)
            return super().render(name, *arguments)  # type: ignore[arg-type]

    assert rehearse(samples.messages(templates=Watched(packaged(), product="9.9.9")), NOW) > 100
    assert used == set(packaged()) - {"page.html.j2", "pieces.html.j2"}


def test_a_template_of_ones_own_is_used() -> None:
    faults: list[Fault] = []
    messages = samples.messages(templates=own(faults, alert__txt__j2="Bonjour {{ alert.headline }}"))
    mail = parsed(messages.compose(draft()).body)
    assert plain(mail) == "Bonjour Nivalis → Hélianthe\n"
    assert "30 Md$" in html(mail).replace("\u00a0", " ")
    assert faults == []


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("un\ndeux {{ alert.no_such_thing }}", 2, "no_such_thing"),
        ("un\n\n{% if alert %}", 3, "TemplateSyntaxError"),
        ("{{ alert.subject.__class__.mro() }}", 1, "SecurityError"),
        ("un\n{{ 1 / 0 }}", 2, "ZeroDivisionError"),
        ("un\n{{ t('no.such.phrase') }}", 2, "no.such.phrase"),
        ("un\n{% include 'nowhere.j2' %}", 2, "nowhere.j2"),
        ("un\n{% include 'alert.console.txt.j2' %}", 2, "RecursionError"),
    ],
)
def test_a_faulty_one_is_named_with_its_line_and_the_packaged_one_used(text: str, line: int, problem: str) -> None:
    faults: list[Fault] = []
    told = draft(channel=ChannelKind.CONSOLE)
    alert = samples.messages(templates=own(faults, alert__console__txt__j2=text)).compose(told)
    assert alert == samples.messages().compose(told)
    (fault,) = faults
    assert fault.where == f"mine/templates/alert.console.txt.j2:{line}"
    assert problem in fault.problem
    assert "packaged" in fault.expected


def test_a_fault_in_what_others_are_built_on_is_found_where_it_stands() -> None:
    faults: list[Fault] = []
    broken = packaged()["page.html.j2"].replace("<body", "{{ nothing }}\n<body")
    alert = samples.messages(templates=own(faults, page__html__j2=broken)).compose(draft())
    assert alert == samples.messages().compose(draft())
    (fault,) = faults
    line = broken[: broken.index("{{ nothing")].count("\n") + 1
    assert fault.where == f"mine/templates/page.html.j2:{line}"


def test_a_rehearsal_finds_what_only_some_alerts_would_meet() -> None:
    faults: list[Fault] = []
    text = "{% if alert.type.value == 'deal.cancelled' %}{{ alert.sources[0].title }}{% endif %}"
    rehearse(samples.messages(templates=own(faults, alert__chat__txt__j2=text)), NOW)
    assert {fault.where for fault in faults} == {"mine/templates/alert.chat.txt.j2:1"}


def test_a_packaged_template_that_is_missing_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"templates/alert\.txt\.j2"):
        samples.messages(templates=Templates({}, product="")).compose(draft())
