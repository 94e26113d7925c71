"""Whatever a service waits for, and whatever kind of thing it is about, is read in German."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

from services.office.desk.operations.operator import WAITS
from services.office.desk.titles import CALLED, Titles
from shared.contracts.topics import SERVICES
from shared.kernel.identifiers import derived_id
from shared.runtime.operating.health import UNWATCHED
from shared.runtime.operating.limits import LIMITS


def told() -> set[str]:
    """The names under which anything is told to ``alarms``, whoever tells it."""
    found: set[str] = set()
    for file in [*Path("shared/runtime").rglob("*.py"), *Path("services").rglob("*.py")]:
        source = file.read_text()
        for call in ast.walk(ast.parse(source if "alarms" in source else "")):
            if isinstance(call, ast.Call) and _is_of_alarms(call.func):
                found |= _name(call.args[0], file)
    return found


def _is_of_alarms(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr == "tell" and "alarms" in ast.unparse(called.value)


def _name(said: ast.expr, file: Path) -> set[str]:
    match said:
        case ast.Constant(value=str(name)):
            return {name}
        case ast.Name(id=constant) if constant.isupper():
            return {getattr(import_module(".".join(file.with_suffix("").parts)), constant)}
        case _:
            return set()


def test_each_alarm_has_a_german_sentence_and_each_sentence_its_alarm() -> None:
    names = told()
    assert len(names) > 5
    assert WAITS.keys() == {*LIMITS, *UNWATCHED, *names}


def test_each_kind_of_stream_has_a_german_name() -> None:
    services = [import_module(f"services.{name}.service").SERVICE for name in SERVICES]
    kinds = {decider.kind.replace("_", "-") for service in services for decider in service.deciders}
    assert kinds == CALLED.keys()


def test_a_stream_is_called_by_its_kind_and_title_and_an_id_by_its_beginning() -> None:
    titles = Titles({("session", "spring"): {"title": "Frühjahr"}})
    mail = derived_id("mail", "1")
    assert titles.stream("stuttgart/session/spring") == "Sitzung: Frühjahr"
    assert titles.stream("stuttgart/paper/report") == "Vorlage: report"
    assert titles.stream(f"stuttgart/mail/{mail}") == f"Schreiben: {mail[:8]}"
