"""`make compose-test`: the compose file, really run. Exit status 1 and the reason if anything is not as it should be.

The image from the Dockerfile, the house up, the demo's story played against it, each container killed once, down and
up again; `kpk --profile compose verify` says ok each time. A report is in build/compose.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from deploy.demo.data import read_data
from deploy.demo.office import NoAnswer, Office
from deploy.demo.outcome import disagreements, read_back
from deploy.demo.play import Play
from deploy.demo.story import tell
from tests.compose.engine import Engine, Failed, NoEngine, engine
from tests.compose.house import APIS, COMPOSE, LASTING, ROOT, WORKERS, House
from tests.compose.images import build_ours, images_of, provide

REPORT = ROOT / "build" / "compose" / "report.md"
OURS = "kpk:0.1.0"

console = Console()


class Report:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        console.print(line, markup=False, soft_wrap=True)
        self.lines.append(line)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except Exception as error:
            self.say(f"- FAILED: {what}: {type(error).__name__}: {error}")
            raise
        self.say(f"- {what}: {time.monotonic() - began:.0f} s")


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="kpk-compose-") as folder:
        try:
            with engine() as found:
                play(found, Path(folder), report)
        except NoEngine as nothing:
            console.print(str(nothing), markup=False)
            return 2
        except (Failed, NoAnswer):
            return 1
        finally:
            REPORT.parent.mkdir(parents=True, exist_ok=True)
            REPORT.write_text("# The compose file, run\n\n" + "\n".join(report.lines) + "\n")
    return 0


def play(found: Engine, folder: Path, report: Report) -> None:
    report.say(f"Engine: {found.program}")
    with report.step("images"):
        others = {image: provide(found, image, folder) for image in images_of(COMPOSE)}
    for image, how in others.items():
        report.say(f"  - {image}: {how or 'as published'}")
    with report.step("our image, from the Dockerfile"):
        build_ours(found, OURS, folder)
    house = House(found, folder)
    house.furnish()
    try:
        lived_in(house, report)
    finally:
        logs = house.compose("logs", "--no-color", "--timestamps")
        (REPORT.parent).mkdir(parents=True, exist_ok=True)
        (REPORT.parent / "containers.log").write_text(logs)
        house.compose("down", "--volumes", "--timeout", "20")


def lived_in(house: House, report: Report) -> None:
    with report.step("up and healthy"):
        house.up()
    with report.step("nobody of ours writes into its files, is root or has a compiler"):
        for name in LASTING:
            if "build" in COMPOSE["services"][name] and (too_much := house.writable(name)):
                raise Failed(f"{name} {', '.join(too_much)}")
    with report.step("the demo's story, without a difference from its data"):
        asyncio.run(story(house))
    verified(house, report, "after the story")
    for name in LASTING:
        with report.step(f"{name} killed, and healthy again"):
            house.kill(name)
    verified(house, report, "after each was killed")
    with report.step("down and up again"):
        house.compose("down", "--timeout", "30")
        house.up()
    verified(house, report, "after down and up")


def verified(house: House, report: Report, when: str) -> None:
    with report.step(f"kpk --profile compose verify {when}"):
        report.say(f"  {house.kpk('verify').strip().splitlines()[-1]}")


async def story(house: House) -> None:
    """Workers have clocks of their own."""
    data = read_data()
    async with Office({**APIS, **WORKERS}, house.tokens, data.conference.slug) as office:
        told = Play(data, office)
        await tell(told, Console(quiet=True))
        outcome = await read_back(told, house.folder / "mail")
    if wrong := disagreements(data, outcome):
        raise Failed("; ".join(wrong))


if __name__ == "__main__":
    sys.exit(main())
