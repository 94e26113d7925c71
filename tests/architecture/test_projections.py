"""Every projection's version and indexes are in a list that people have looked at.

That queries look at what they answer is counted at the server: tests/shared/http/test_queries.py.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from pathlib import Path

from shared.contracts.topics import SERVICES

LIST = Path(__file__).with_name("projections.txt")


def test_the_list_of_projections_is_complete_and_true() -> None:
    found = [
        f"{service} {one.name} {one.version}: {'; '.join(one.indexes) or '-'}"
        for service in SERVICES
        for one in import_module(f"services.{service}.service").SERVICE.projections
    ]
    listed = LIST.read_text().splitlines()
    told = difflib.unified_diff(listed, found, LIST.name, "as it is", lineterm="", n=0)
    assert listed == found, "\n" + "\n".join(told)
