"""Every command of `kpk` is found in the module that is told for it, and calling it imports no other tool."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from deploy.embedded.data_folder import Refused
from deploy.embedded.process import ROOT
from deploy.kpk.__main__ import main
from deploy.kpk.line import must_be_readable
from deploy.kpk.tools import TOOLS, app_for
from deploy.kpk.trouble import way_out

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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["send", "members", "--name", "M\udcfcller"], r"M\\xfcller is not in UTF-8"),
        (["up", "--data", ""], "--data names no folder"),
        (["up", "--data="], "--data names no folder"),
    ],
)
def test_a_line_that_a_script_has_got_wrong_is_refused(words: list[str], told: str) -> None:
    with pytest.raises(Refused, match=told):
        must_be_readable(words)
    must_be_readable(["send", "members", "--name", "", "--data", "./Käse"])


@pytest.mark.parametrize("act", ["show", "retry", "drop"])
def test_what_is_no_id_is_told_where_ids_are(act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.kpk.histories.parked.installation", lambda _: None)
    words = ["parked", act, "members", "nonsense", *(["--why", "x"] if act != "show" else [])]
    told = CliRunner().invoke(app_for(words), words)
    assert told.exit_code == 1 and "nonsense is no id of a parked record: kpk parked list" in str(told.exception)


@pytest.mark.parametrize("path", ["{file}/below", "{file}/below/further", "{long}"])
def test_a_path_that_cannot_be_says_which_could(path: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OSError, match=r"Errno") as error:
        Path(path.format(file=file, long="a" * 300)).read_text()
    told = way_out(error.value)
    assert told and "name a" in told


def test_where_nothing_is_asked_nothing_is_well() -> None:
    told = CliRunner().invoke(app_for(["status"]), ["status", "--mongo", "mongodb://nowhere"])
    assert told.exit_code == 1 and "names no service to ask: say --url" in str(told.exception)


def test_what_a_terminal_cannot_show_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    monkeypatch.setattr(sys, "argv", ["kpk", "send", "meetings", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    sys.stdout.write("€\n")
    sys.stdout.flush()
    assert ended.value.code == 0 and written.getvalue().endswith(b"\\u20ac\n")


@pytest.mark.process
def test_a_command_imports_no_other_tool() -> None:
    asked = (
        "import sys; from deploy.kpk.tools import TOOLS, app_for; app_for(['acts']);"
        "print(*(tool for tool in TOOLS if f'deploy.kpk.{tool}' in sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["profiles", "stories.acts"], "profiles say which installation is meant"
