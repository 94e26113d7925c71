"""Every command of `kpk` is found in the module that is told for it, and calling it imports no other tool."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from deploy.embedded.process import ROOT
from deploy.kpk.tools import TOOLS, app_for

ALL = {command for commands in TOOLS.values() for command in commands}


def commands_of(app: typer.Typer) -> set[str]:
    return set(getattr(get_command(app), "commands"))  # noqa: B009 - a group has them, typer says only "command"


@pytest.mark.parametrize("tool", TOOLS)
def test_a_module_has_the_commands_that_are_told_for_it(tool: str) -> None:
    app = typer.Typer(callback=lambda: None)
    import_module(f"deploy.kpk.{tool}").add_to(app)
    assert commands_of(app) == set(TOOLS[tool])


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (["status"], {"status", "down"}),
        (["--profile", "trace", "status", "--json"], {"status", "down", "trace"}),
        (["--help"], ALL),
        ([], ALL),
        (["statsu"], ALL),
    ],
    ids=["a command", "an option with a command as its value", "help", "nothing", "a slip"],
)
def test_a_line_finds_what_it_names(words: list[str], there: set[str]) -> None:
    assert commands_of(app_for(words)) == there


def test_a_slip_of_the_hand_is_answered_with_what_was_meant() -> None:
    told = CliRunner().invoke(app_for(["statsu"]), ["statsu"])
    assert (told.exit_code, "Did you mean 'status'" in told.output) == (2, True)


@pytest.mark.process
def test_a_command_imports_no_other_tool() -> None:
    asked = (
        "import sys; from deploy.kpk.tools import TOOLS, app_for; app_for(['acts']);"
        "print(*(tool for tool in TOOLS if f'deploy.kpk.{tool}' in sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["profiles", "acts"], "profiles say which installation is meant"
