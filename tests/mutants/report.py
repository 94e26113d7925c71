"""What the trials have shown: a table, and every mutant that no test has seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.mutants.mutant import Mutant, harmless

ENOUGH = 0.97

console = Console(soft_wrap=True, highlight=False)


def tell(killed: Mapping[Mutant, bool], as_json: bool) -> int:
    groups = [_counted(group, killed) for group in dict.fromkeys(one.group for one in killed)]
    alive = [_told(one) for one, seen in killed.items() if not seen]
    if as_json:
        console.out(json.dumps({"groups": groups, "survivors": alive}, ensure_ascii=False, indent=2))
    else:
        _show(groups, alive)
    return int(any(group["seen"] < ENOUGH for group in groups))


def _counted(group: str, killed: Mapping[Mutant, bool]) -> dict[str, Any]:
    of_group = {one: seen for one, seen in killed.items() if one.group == group}
    without_harm = sum(not seen and _reason(one) is not None for one, seen in of_group.items())
    dead = sum(of_group.values())
    counts = {"group": group, "mutants": len(of_group), "killed": dead, "harmless": without_harm}
    return {**counts, "seen": round(dead / max(1, len(of_group) - without_harm), 3)}


def _told(mutant: Mutant) -> dict[str, Any]:
    place = {"at": f"{mutant.path}:{mutant.line}", "where": mutant.where}
    return {**place, "change": mutant.diff(), "harmless": _reason(mutant)}


def _reason(mutant: Mutant) -> str | None:
    return harmless().get((mutant.where, mutant.diff()))


def _show(groups: list[dict[str, Any]], alive: list[dict[str, Any]]) -> None:
    for one in alive:
        console.print(f"{one['at']}  {one['where']}", markup=False)
        for line in one["change"]:
            console.print(f"    {line}", markup=False)
        console.print(f"    {one['harmless'] or 'NOT SEEN by any test'}\n", markup=False)
    table = Table("group", "mutants", "killed", "harmless", "seen")
    for group in groups:
        *counts, seen = group.values()
        table.add_row(*map(str, counts), f"{seen:.1%}")
    console.print(table)
