"""Runs faults one after the other: inject, heal, come to rest, judge. A stack found guilty is not used again."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from tests.campaign.dump import Dump
from tests.campaign.dump_file import save
from tests.campaign.evidence import Violation
from tests.campaign.fault import Fault
from tests.campaign.ground import Ground, ground
from tests.campaign.history import Line
from tests.campaign.measures import measure, window
from tests.campaign.outcome import Outcome, outcome
from tests.campaign.single import SingleNodes

Tell = Callable[[str], None]

FAULTS_A_STACK = 10
"""Journals and topics grow with every fault, and the whole of them is judged each time."""


@dataclass(frozen=True)
class Plan:
    """Faults that share a stack."""

    faults: Sequence[Fault]

    @property
    def name(self) -> str:
        return self.faults[0].group


def plans(faults: Iterable[Fault]) -> list[Plan]:
    """One stack for some faults of a group and world; one each for those that want to be alone."""
    made = []
    for (_, _, alone), some in groupby(faults, key=lambda one: (one.group, one.world, one.alone)):
        together = list(some)
        step = 1 if alone else FAULTS_A_STACK
        made += [Plan(together[place : place + step]) for place in range(0, len(together), step)]
    return made


async def run_all(
    faults: Iterable[Fault], folder: Path, seed: int, tell: Tell, keep: Path | None = None
) -> AsyncIterator[Outcome]:
    """Each fault is judged on its own. Of those that break something the evidence is left in ``keep``."""
    left = plans(faults)
    number = 0
    while left:
        plan, number = left.pop(0), number + 1
        done = 0
        try:
            async for each in run_on_one_stack(plan, new_folder(folder, number), seed + number, tell, keep):
                yield each
                done += 1
        except Exception as error:  # noqa: BLE001 - a stack that cannot be started or read costs one fault, not all
            keep_logs(folder / f"stack-{number}", keep)
            yield unjudged(plan.faults[min(done, len(plan.faults) - 1)], error)
            done += 1
        if rest := plan.faults[done:]:
            left.insert(0, replace(plan, faults=rest))


def unjudged(fault: Fault, error: Exception) -> Outcome:
    failure = f"not judged: {type(error).__name__}: {error}"
    return Outcome(fault.name, fault.sentence, fault.group, failure=failure)


async def run_on_one_stack(
    plan: Plan, folder: Path, seed: int, tell: Tell, keep: Path | None
) -> AsyncIterator[Outcome]:
    """Ends early behind a fault that broke something: what comes after it would prove nothing."""
    tell(f"{plan.name}: starting a stack")
    async with ground(folder, (plan.faults[0].world or SingleNodes)(folder), seed) as here:
        for fault in plan.faults:
            tell(f"{fault.name}: {fault.sentence}")
            result = await judged(here, fault, keep)
            yield result
            if not result.good or result.excused:
                return


async def judged(here: Ground, fault: Fault, keep: Path | None) -> Outcome:
    began = time.monotonic()
    failure = await injected(here, fault)
    drain = await here.rest()
    history, dump, found = await here.judge()
    measures = measure(history, dump, window(history, fault.name))
    here.site.load.go_on()
    seconds = round(time.monotonic() - began, 1)
    result = outcome(fault, found, failure, drain["seconds"], seconds, measures)
    if keep and not result.good:
        keep_evidence(keep, fault, history, dump)
    return result


def keep_logs(stack: Path, keep: Path | None) -> None:
    """Of a stack that could not be judged."""
    if keep:
        shutil.copytree(
            stack, keep / stack.name, ignore=shutil.ignore_patterns("data", "mail", "tokens.json"), dirs_exist_ok=True
        )


def keep_evidence(folder: Path, fault: Fault, history: Sequence[Line], dump: Dump) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / f"evidence-{fault.name.replace(' ', '-')}.json.xz", history, dump)


async def injected(here: Ground, fault: Fault) -> str:
    """What it expected and did not see; empty when all was as expected. Then every process is back in any case."""
    here.site.note(fault.name, "on")
    try:
        await fault.inject(here.site)
    except Exception as error:  # noqa: BLE001 - whatever a fault trips over, the campaign goes on and tells it
        last = traceback.extract_tb(error.__traceback__)[-1]
        failure = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
        await here.revive()
    else:
        failure = ""
    here.site.note(fault.name, "off", failure=failure)
    return failure


@dataclass(frozen=True)
class Together:
    """Of faults that were judged at once: ``found`` is nobody's in particular."""

    outcomes: list[Outcome]
    found: list[Violation]
    history: list[Line]


async def run_together(faults: Sequence[Fault], folder: Path, seed: int, tell: Tell) -> Together:
    """The short form: all on one stack under one load, one rest and one judgement at the end."""
    async with ground(folder, SingleNodes(folder), seed) as here:
        failures = {}
        for fault in faults:
            tell(f"{fault.name}: {fault.sentence}")
            failures[fault.name] = await injected(here, fault)
        tell("coming to rest")
        drain = await here.rest()
        history, dump, found = await here.judge()
    done = []
    for fault in faults:
        during = window(history, fault.name)
        measures = measure(history, dump, during)
        done.append(outcome(fault, (), failures[fault.name], drain["seconds"], during.seconds, measures))
    return Together(done, found, history)


def new_folder(folder: Path, number: int) -> Path:
    made = folder / f"stack-{number}"
    made.mkdir(parents=True)
    return made
