"""A form as it stands on one page: what its fields begin with, what the page says itself, what may be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.office.desk.forms.form import Form

Choices = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Placed:
    form: Form
    values: Mapping[str, object] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    choices: Choices = field(default_factory=dict)
    replaces: Mapping[str, object] | None = None
    """The part of a service's answer that the form replaces."""
    about: str = ""
    """The thing that the form is about, if the page has several."""


def of(told: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: told[name] for name in names}


def placed(forms: Iterable[Form], choices: Choices) -> list[Placed]:
    """Forms whose fields are empty at first."""
    return [Placed(form, choices=choices) for form in forms]
