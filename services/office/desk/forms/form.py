"""Forms: what somebody types becomes the body of a command, and what is wrong with it is said at its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
"""Fields that name or describe a person."""
Body = dict[str, Any]

OF_THE_PAGE = ("form_token", "command", "key")
"""Fields that nobody types and that the next page sets again."""

IN_CENTS = re.compile(r"\((\d+) bis (\d+)\)")
"""A service's words for the allowed amounts."""


@dataclass(frozen=True)
class Field:
    """``name`` is the command's own. A ``fixed`` field is part of the page, and nobody types it."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    required: bool = True
    is_read: bool = False
    """Not a part of the command: the form's ``read`` uses it."""
    choices: tuple[tuple[str, str], ...] = ()
    """Choices that are the same on every page, each with its German word."""


@dataclass(frozen=True)
class Form:
    """One command of one service. ``about`` are the parts of the page's address that the command needs.

    ``read`` makes the rest of the body from the typed text, if fields alone do not. ``at`` says beside which field a
    rule's sentence is shown; by default it is above the form.
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
    """Where it goes if it is not a command: an operator's act on a service."""
    carries: tuple[str, ...] = ()
    """Parts of the body that go into the address of the next page."""
    of_people: bool = False
    """The text is about people, although no field says so."""
    seen_by: tuple[str, ...] = ()
    """Fields that choose which of several things is replaced. The page finds what it showed by their values, joined by
    ``|``.
    """

    @property
    def goes_to(self) -> str:
        return self.path or f"/commands/{self.command}"

    @property
    def may_be_kept(self) -> bool:
        """Whether the text may be stored until it is processed: never if it is about a person."""
        named = {*self.about, *(field.name.partition(".")[0] for field in self.fields)}
        return bool(self.service) and not self.of_people and not named & OF_PEOPLE


@dataclass(frozen=True)
class Refusal:
    """A refused form with its text. ``key`` is kept if sending it again is to be the same request."""

    form: Form
    typed: Typed
    status: int
    sentence: str
    faults: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    rule: str = ""
    is_draft: bool = False
    """Typed on an earlier view of the page."""

    @property
    def fixed(self) -> Mapping[str, str]:
        """The parts of the form that the page itself had set."""
        return {field.name: one(self.typed, field.name) for field in self.form.fields if field.kind == "fixed"}

    @property
    def replaces(self) -> str:
        """What the visitor had seen; empty if the refusal has already shown the present state."""
        return "" if self.rule == "ChangedMeanwhile" else one(self.typed, REPLACES)

    @property
    def told(self) -> list[tuple[str, str]]:
        """The typed text, with the labels of the fields that the form has."""
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
    """As somebody meant it: without blanks around it."""
    return as_sent(typed, name).strip()


def as_sent(typed: Typed, name: str) -> str:
    """What the page had set comes back as it was; browsers end lines with CR LF."""
    return next(iter(typed.get(name, ())), "").replace("\r\n", "\n")


def body_of(form: Form, typed: Typed, about: Mapping[str, str]) -> tuple[Body, dict[str, str]]:
    """The body, and the faults by field. Empty fields are left out."""
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
    """``details.name`` is ``name`` within ``details``."""
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
    """A thing's short name is typed, or made from its title."""

    def read(typed: Typed) -> Body:
        name = slug(one(typed, field) or one(typed, title))
        if not name:
            raise Mistyped("Bitte angeben.", title)
        return {field: name}

    return read


def short_name(field: str, of: str) -> Field:
    return Field(field, "Kurzname", hint=f"Steht in Adressen. Leer: aus {of} gebildet.", required=False)


SITTING = re.compile(r"\s*\((nicht )?öffentlich\)$", re.IGNORECASE)
"""What an agenda's line may end in, behind its title."""


def agenda(text: str) -> list[Body]:
    """Each line is an item; an item that ends in ``(nicht öffentlich)`` is not public."""
    return [_item(number, line) for number, line in enumerate(lines(text), start=1)]


def _item(number: int, line: str) -> Body:
    said = SITTING.search(line)
    return {"number": number, "title": SITTING.sub("", line), "public": not (said and said[1])}


def typed_agenda(items: Iterable[Mapping[str, Any]]) -> str:
    """The same items as they are typed. A public title that itself ends in such words is said to be public."""
    return "\n".join(map(_typed_item, items))


def _typed_item(item: Mapping[str, Any]) -> str:
    title: str = item["title"].strip()
    if not item["public"]:
        return f"{title} (nicht öffentlich)"
    return f"{title} (öffentlich)" if SITTING.search(title) else title


def _expected(kind: str, said: str) -> str:
    """As the service says it, with days and amounts in the form in which they are typed here."""
    match kind, IN_CENTS.search(said):
        case "euros", re.Match() as allowed:
            return f"Erwartet wird ein Betrag von {euros(int(allowed[1]))} bis {euros(int(allowed[2]))}."
        case (("euros" | "day" | "moment"), _):
            return EXPECTED[kind]
        case _:
            return said


def refused(form: Form, typed: Typed, problem: Problem) -> Refusal:
    """Beside the field it is about, else above the form."""
    kinds: dict[str, str] = {asked.name: asked.kind for asked in form.fields if asked.kind != "fixed"}
    faults: dict[str, str] = {}
    for fault in problem.fields:
        name = next((one for one in (fault["field"], fault["field"].split(".")[0]) if one in kinds), "")
        faults.setdefault(name, _expected(kinds.get(name, ""), fault["detail"]))
    if problem.rule in form.at:
        faults[form.at[problem.rule]] = problem.sentence
    sentence = faults.pop("", "") or problem.sentence
    return Refusal(form, typed, problem.status, sentence, faults, rule=problem.rule)
