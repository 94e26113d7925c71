"""Forms: what somebody types becomes the body of a command, and what is wrong with it is said at its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from services.office.desk.forms.reading import EXPECTED, Mistyped, cents, day, lines, moment, slug, whole
from services.office.desk.forms.seen import REPLACES, WAS, seen
from services.office.desk.others import Problem
from shared.kernel.money import euros
from shared.runtime.http.callers import CallerRole

Kind = Literal["line", "area", "lines", "day", "moment", "euros", "number", "choice", "fixed", "agenda", "email", "yes"]
Typed = Mapping[str, Sequence[str]]
OF_PEOPLE = frozenset({"person", "who", "details"})
"""Fields that name or describe somebody."""
Body = dict[str, Any]

OF_THE_PAGE = ("form_token", "command", "key")
"""What nobody typed, and the next page says itself."""

IN_CENTS = re.compile(r"\((\d+) bis (\d+)\)")
"""What a service says is allowed of an amount."""


@dataclass(frozen=True)
class Field:
    """``name`` is the command's own. A ``fixed`` one is part of the page, and nobody types it."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    required: bool = True
    is_read: bool = False
    """No part of the command: its form's ``read`` makes something of it."""
    choices: tuple[tuple[str, str], ...] = ()
    """Those that are the same on every page, each with its German word."""


@dataclass(frozen=True)
class Form:
    """One command of one service. ``about`` are the parts of the page's address that the command names.

    ``read`` makes the rest of the body from what was typed, where fields alone do not. ``at`` says at which field the
    sentence of a rule stands; else it stands above the form.
    """

    service: str
    command: str
    title: str
    button: str
    done: str
    fields: tuple[Field, ...] = ()
    about: tuple[str, ...] = ()
    role: CallerRole = "office"
    at: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[Typed], Body] | None = None
    path: str = ""
    """Where it is not a command: what an operator does to a service."""
    carries: tuple[str, ...] = ()
    """Parts of the body that the page needs to go on with, afterwards in its address."""
    of_people: bool = False
    """What is typed is about people, though no field says so."""
    seen_by: tuple[str, ...] = ()
    """Fields that say which of several it replaces: the page has what it has seen by their values, joined by ``|``."""

    @property
    def goes_to(self) -> str:
        return self.path or f"/commands/{self.command}"

    @property
    def may_be_kept(self) -> bool:
        """Whether what was typed may be stored until it is done: never what is about a person."""
        named = {*self.about, *(field.name.partition(".")[0] for field in self.fields)}
        return bool(self.service) and not self.of_people and not named & OF_PEOPLE


@dataclass(frozen=True)
class Refusal:
    """A form that was not taken, as it was typed. ``key`` is kept where to send it again is to mean the same act."""

    form: Form
    typed: Typed
    status: int
    sentence: str
    faults: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    rule: str = ""
    is_draft: bool = False
    """Typed before, on an earlier look at the page."""

    @property
    def fixed(self) -> Mapping[str, str]:
        """What the page had said itself in the form, among what was typed."""
        return {field.name: one(self.typed, field.name) for field in self.form.fields if field.kind == "fixed"}

    @property
    def replaces(self) -> str:
        """What whoever typed it had seen; empty where the refusal has told them what stands there now."""
        return "" if self.rule == "ChangedMeanwhile" else one(self.typed, REPLACES)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What was typed, each with what its field is called, if the form says it."""
        labels = {field.name: field.label for field in self.form.fields}
        names = [
            name
            for name in self.typed
            if name not in (*OF_THE_PAGE, REPLACES, *self.fixed) and not name.startswith(WAS)
        ]
        return [(labels.get(name, ""), text) for name in names if (text := one(self.typed, name))]

    def is_of(self, form: Form, fixed: Mapping[str, str]) -> bool:
        return form == self.form and all(one(self.typed, name) == value for name, value in fixed.items())


def one(typed: Typed, name: str) -> str:
    """A browser sends the ends of lines as CR LF."""
    return next(iter(typed.get(name, ())), "").replace("\r\n", "\n").strip()


def body_of(form: Form, typed: Typed, about: Mapping[str, str]) -> tuple[Body, dict[str, str]]:
    """The body, and by field what is wrong with what was typed. What is left empty is left out."""
    body: Body = {name: about[name] for name in form.about}
    faults: dict[str, str] = {}
    for asked in form.fields:
        if asked.is_read:
            continue
        try:
            value = _read(asked.kind, one(typed, asked.name))
        except Mistyped as fault:
            faults[asked.name] = str(fault)
        else:
            if value is not None:
                _put(body, asked.name, value)
    which = "|".join(one(typed, name) for name in form.seen_by) if form.seen_by else None
    if (stood := seen(one(typed, REPLACES), which)) is not None:
        body[REPLACES] = stood
    if form.read:
        try:
            body |= form.read(typed)
        except Mistyped as fault:
            faults[fault.field] = str(fault)
    return body, faults


def _put(body: Body, name: str, value: Any) -> None:
    """``details.name`` is the name within the details."""
    *outer, last = name.split(".")
    for part in outer:
        body = body.setdefault(part, {})
    body[last] = value


def _read(kind: Kind, text: str) -> Any:
    match kind:
        case _ if not text:
            return None
        case "euros":
            return cents(text)
        case "number":
            return whole(text)
        case "day":
            return day(text).isoformat()
        case "moment":
            return moment(text)
        case "agenda":
            return agenda(text)
        case "lines":
            return lines(text)
        case "yes":
            return True
        case _:
            return text


def named_by(field: str, title: str) -> Callable[[Typed], Body]:
    """A thing's short name is what somebody types, or follows from its title."""

    def read(typed: Typed) -> Body:
        name = slug(one(typed, field) or one(typed, title))
        if not name:
            raise Mistyped("Bitte angeben.", title)
        return {field: name}

    return read


def short_name(field: str, of: str) -> Field:
    return Field(field, "Kurzname", hint=f"Steht in Adressen. Leer: aus {of} gebildet.", required=False)


def agenda(text: str) -> list[Body]:
    """A line is an item; one that ends in ``(nicht öffentlich)`` is not public."""
    closed = re.compile(r"\s*\(nicht öffentlich\)$", re.IGNORECASE)
    return [
        {"number": number, "title": closed.sub("", line), "public": closed.search(line) is None}
        for number, line in enumerate(lines(text), start=1)
    ]


def _expected(kind: str, said: str) -> str:
    """As the service says it, but days and amounts as they are written here."""
    match kind, IN_CENTS.search(said):
        case "euros", re.Match() as allowed:
            return f"Erwartet wird ein Betrag von {euros(int(allowed[1]))} bis {euros(int(allowed[2]))}."
        case (("euros" | "day" | "moment"), _):
            return EXPECTED[kind]
        case _:
            return said


def refused(form: Form, typed: Typed, problem: Problem) -> Refusal:
    """At the field where it belongs, else above the form."""
    kinds: dict[str, str] = {asked.name: asked.kind for asked in form.fields if asked.kind != "fixed"}
    faults: dict[str, str] = {}
    for fault in problem.fields:
        name = next((one for one in (fault["field"], fault["field"].split(".")[0]) if one in kinds), "")
        faults.setdefault(name, _expected(kinds.get(name, ""), fault["detail"]))
    if problem.rule in form.at:
        faults[form.at[problem.rule]] = problem.sentence
    sentence = faults.pop("", "") or problem.sentence
    return Refusal(form, typed, problem.status, sentence, faults, rule=problem.rule)
