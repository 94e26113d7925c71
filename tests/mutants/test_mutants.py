"""Are the trials any good? They make each change that is told, see what is red, and say what is not."""

from __future__ import annotations

import ast
import difflib
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.patience import PROCESS_SECONDS
from tests.mutants.apart import apart
from tests.mutants.changes import Changer
from tests.mutants.in_place import VERDICTS, Verdicts, kept
from tests.mutants.mutant import ON_SERVERS, ROOT, SERVICES, drawn, harmless, of, sources

CONFERENCE = "services/members/domain/conference.py"
TESTS = "tests/members/test_conference.py"


def changes(source: str) -> list[str]:
    """The last line of each, where it has become another."""
    changer, before = Changer(), ast.unparse(ast.parse(source)).splitlines()
    changer.visit(ast.parse(source))
    told = []
    for number in range(len(changer.sites)):
        tree = ast.parse(source)
        Changer(number).visit(tree)
        after = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
        told.append(" ".join(line[2:].strip() for line in difflib.ndiff(before, after) if line.startswith("+ ")))
    return told


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a):\n    return a < 3", ["return a < 4", "return a < 2", "return a <= 3", "return a >= 3"]),
        ("def f(a, b):\n    return a and not b", ["return a and b", "return a or not b"]),
        ("def f(a):\n    if a:\n        raise E", ["pass", "if True:", "if False:"]),
        ("def f(a, b):\n    return [a, b]", ["return [b]", "return [a]"]),
        ("def f(a, b):\n    return {**a, 'b': b}", ["return {'b': b}", "return {**a}"]),
        ("def f(a):\n    g(a)\n    return max(a)", ["pass", "return min(a)"]),
        ("def f(a):\n    return replace(a, b=c, d=e)", ["return replace(a, d=e)", "return replace(a, b=c)"]),
        ("def f(a):\n    return [b for b in a if b]", ["return [b for b in a]"]),
        (
            "class A:\n    b: Annotated[int, Field(ge=1)]",
            ["b: Annotated[int, Field(ge=2)]", "b: Annotated[int, Field(ge=0)]"],
        ),
        ("class A:\n    b: bool = False", ["b: bool = True"]),
    ],
)
def test_a_source_is_changed_in_each_way_that_a_test_should_notice(source: str, expected: list[str]) -> None:
    assert changes(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""Words."""\n\ndef f(a: int = None) -> int | None:\n    """Words."""',
        "def f(a):\n    assert_never(a)",
        "@dataclass(frozen=True)\nclass A:\n    b: int | None",
        "A = B | C",
        "__all__ = ['A', 'B']",
        "A = Callable[[B, C], D]",
    ],
)
def test_what_is_no_rule_is_left_alone(source: str) -> None:
    assert changes(source) == []


def test_the_same_seed_draws_the_same_mutants_of_each_service() -> None:
    first, again, other = (drawn(seed, 5, "named.py") for seed in (1, 1, 2))
    assert first == again != other
    assert [one.group for one in first] == ["members"] * 5 + ["meetings"] * 5 + ["funding"] * 5


def test_every_source_of_a_service_is_changed_but_what_is_listed() -> None:
    changed = set[str]().union(*map(sources, SERVICES))
    assert {"services/members/roster/plan.py", "services/meetings/queries.py", CONFERENCE} <= changed
    listed = [f"services/{service}/{files}" for service, left in ON_SERVERS.items() for files in left]
    assert all([*ROOT.glob(files)] for files in listed)
    assert not changed & {str(path.relative_to(ROOT)) for files in listed for path in ROOT.glob(files)}
    assert not [path for path in changed if "/desk/" in path], "what a browser alone sees, in whatever folder"


@pytest.mark.process
def test_what_is_listed_as_harmless_is_a_change_of_today() -> None:
    wheres = {where for where, _ in harmless()}
    paths = {f"{where.partition(':')[0].replace('.', '/')}.py" for where in wheres}
    mutants = [one for path in paths if (ROOT / path).exists() for one in of("", path)]
    known = {(one.where, one.diff()) for one in mutants if one.where in wheres}
    assert harmless().keys() <= known


def test_a_call_apart_is_heard_whatever_becomes_of_it() -> None:
    def forever() -> bool:
        while True:
            pass

    calls: dict[str, Callable[[], bool]] = {"red": lambda: True, "green": lambda: False, "hangs": forever}
    assert dict(apart(calls, 2, cpu_seconds=1)) == {"red": True, "green": False, "hangs": True}
    with pytest.raises(RuntimeError, match="the trial of broken broke"):
        list(apart({"broken": lambda: bool(1 / 0)}, 1, cpu_seconds=1))


@pytest.mark.process
def test_a_changed_function_is_seen_by_the_tests_that_call_it(tmp_path: Path) -> None:
    """Those about guests are left out: what lets them in is seen by nobody."""
    told = in_a_new_process(
        f"""
        import pytest
        from pathlib import Path
        from tests.mutants import __main__ as program
        from tests.mutants.apart import apart
        from tests.mutants.in_place import Trials
        from tests.mutants.mutant import of
        options = [*program.OPTIONS, "not infra", "-k", "established", "{TESTS}"]
        mutants = [one for one in of("members", "{CONFERENCE}") if one.function in ("_establish", "_invite")]
        trials = lambda: pytest.main(options, plugins=[Trials(mutants, 1, Path("{tmp_path}"))]) != 0
        print(dict(apart({{"all": trials}}, 1, 300)))
        """
    )
    assert told == "{'all': False}\n"
    mutants = [one for one in of("members", CONFERENCE) if one.function in ("_establish", "_invite")]
    verdicts = kept(tmp_path / VERDICTS, Verdicts)
    assert verdicts.failed == []
    assert {one.function for one in mutants} == {"_establish", "_invite"}
    assert {one.function: verdicts.killed[one] for one in mutants if "if False:" in one.diff()[-1]} == {
        "_establish": True,
        "_invite": False,
    }


@pytest.mark.process
def test_a_module_is_imported_with_the_change() -> None:
    """In a process that has nothing of the product yet: a grant that begins closed is seen."""
    told = in_a_new_process(
        """
        from tests.mutants import __main__ as program, afresh
        from tests.mutants.apart import apart
        from tests.mutants.mutant import of
        [begins_closed] = [
            one for one in of("funding", "services/funding/domain/settlement.py") if one.function is None
        ]
        options = [*program.OPTIONS, "not infra"]
        trials = {
            name: lambda mutant=mutant: afresh.is_killed(mutant, [["tests/funding/test_settlement.py"]], options)
            for name, mutant in (("as it is", None), ("begins closed", begins_closed))
        }
        print(dict(apart(trials, 1, 300)))
        """
    )
    assert told == "{'as it is': False, 'begins closed': True}\n"


def in_a_new_process(program: str) -> str:
    """What it prints. Here, what other tests have left to be collected would be told in the trials."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=True).stdout
