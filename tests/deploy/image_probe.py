"""Runs modules one after the other as ``python -m`` would, and tells their exit statuses and which files were opened.

Not imported: a process of its own runs this file in a copy of the image, with that copy as PYTHONPATH.
Standard input has ``{"absent": [import name …], "runs": [[module, word …] …]}``.
"""

from __future__ import annotations

import io
import json
import runpy
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

OURS = ("shared", "services", "deploy")


def main() -> None:
    asked = json.load(sys.stdin)
    opened = watched(f"{Path.cwd()}/")
    sys.modules.update(dict.fromkeys(asked["absent"]))  # None: its import fails
    statuses = {" ".join(words): status_of(words) for words in asked["runs"]}
    json.dump({"statuses": statuses, "opened": sorted(opened), "strangers": strangers(f"{Path.cwd()}/")}, sys.stdout)


def watched(folder: str) -> set[str]:
    """Every file below the folder that is opened from now on, relative to it."""
    opened: set[str] = set()

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]).startswith(folder):
            opened.add(str(arguments[0]).removeprefix(folder))

    sys.addaudithook(heard)
    return opened


def status_of(words: list[str]) -> int | str | None:
    sys.argv = words
    try:
        with redirect_stdout(io.StringIO()):
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code
    except ImportError as error:
        return str(error)
    return 0


def strangers(folder: str) -> list[str]:
    """Modules of ours that came from elsewhere."""
    ours = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    return [module.__name__ for module in ours if not str(module.__file__).startswith(folder)]


if __name__ == "__main__":
    main()
