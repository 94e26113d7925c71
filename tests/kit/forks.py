"""``pytest --forks N``: tests are collected once; then each of N forks takes part after part until none is left.

For many tests of a millisecond: pytest-xdist collects in each worker and sends three reports of each test, which costs
as much as such a test. Here what is green is told once, without what it has said, and with others that are green.
"""

from __future__ import annotations

import gc
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, pairwise
from multiprocessing import Process, get_context
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

INDEX = 2
"""Bytes: what is read at once from a pipe belongs to one reader."""
TOOK, USUAL = "forks/took", 0.004
"""Under which pytest keeps from run to run how long each file took; seconds of a test of which nothing is known."""
AT_ONCE = 25
"""Reports of green tests that are sent together; what is red is told at once."""
COLLECTS_AT = (50_000, 20, 100)
"""As a service does (`shared/runtime/start.py`): Python's collector looks through what was made since every 50,000."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, help="collect once, and run whole files in so many forks")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not session.config.option.forks or session.config.option.collectonly or session.testsfailed:
        return None
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all forks
    parts = _parts(session.items)
    cache = getattr(session.config, "cache", None)  # none with `-p no:cacheprovider`
    took = cache.get(TOOK, {}) if cache else {}
    parts.sort(key=lambda part: _seconds(part, took), reverse=True)
    session.config.pluginmanager.register(took_now := _Took())
    running = dict(_begun(session, parts))
    while running:
        for told in wait(list(running)):
            _hear(session, running, told)  # type: ignore[arg-type]  # connections are what it waits for
    if cache:
        cache.set(TOOK, took | took_now.seconds)
    return True


def _parts(items: Sequence[pytest.Item]) -> list[list[pytest.Item]]:
    """A file is one, or several that share what a conftest prepares for the session: so it is prepared once."""
    parts = defaultdict[str, list[pytest.Item]](list)
    for path, tests in groupby(items, key=lambda item: item.path):
        of_file = [*tests]
        parts[min(chain.from_iterable(map(_prepared, of_file)), default=str(path))] += of_file
    return [*parts.values()]


def _prepared(item: pytest.Item) -> Iterator[str]:
    for name, fixtures in item._fixtureinfo.name2fixturedefs.items():  # type: ignore[attr-defined]  # a function's
        if fixtures[-1].scope == "session" and fixtures[-1].func.__module__.endswith("conftest"):
            yield name


def _seconds(part: Sequence[pytest.Item], took: Mapping[str, float]) -> float:
    files = Counter(_file(item.nodeid) for item in part)
    return sum(took.get(file, number * USUAL) for file, number in files.items())


class _Took:
    """How long the tests of each file have taken: who takes longest comes first the next time."""

    def __init__(self) -> None:
        self.seconds = defaultdict[str, float](float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[_file(report.nodeid)] += report.duration


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _begun(session: pytest.Session, parts: Sequence[Sequence[pytest.Item]]) -> Iterator[tuple[Connection, Process]]:
    todo, given = os.pipe()
    os.write(given, b"".join(place.to_bytes(INDEX) for place in range(len(parts))))
    os.close(given)
    context = get_context("fork")
    for _ in range(session.config.option.forks):
        told, tell = context.Pipe(duplex=False)
        process: Any = context.Process(target=_run, args=(session, parts, todo, tell))
        process.start()
        tell.close()
        yield told, process
    os.close(todo)


def _hear(session: pytest.Session, running: dict[Connection, Process], told: Connection) -> None:
    hook = session.config.hook
    try:
        reports = json.loads(told.recv_bytes())
    except EOFError:
        process = running.pop(told)
        process.join()
        if process.exitcode:
            raise session.Interrupted(f"a fork ended with status {process.exitcode}") from None
        return
    for report in reports:
        read = hook.pytest_report_from_serializable(config=session.config, data=report)
        hook.pytest_runtest_logreport(report=read)
    if session.shouldfail:
        for process in running.values():
            process.terminate()
        raise session.Failed(session.shouldfail)


def _run(session: pytest.Session, parts: Sequence[Sequence[pytest.Item]], todo: int, tell: Connection) -> None:
    plugins = session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(teller := _Teller(session.config, tell))
    captured: Any = plugins.get_plugin("capturemanager")
    captured.stop_global_capturing()
    captured.start_global_capturing()  # into a file of its own
    captured.suspend_global_capture()
    gc.set_threshold(*COLLECTS_AT)
    for item, following in pairwise(chain(_taken(parts, todo), [None])):
        if not session.shouldfail:
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    teller.tell()


def _taken(parts: Sequence[Sequence[pytest.Item]], todo: int) -> Iterable[pytest.Item]:
    while place := os.read(todo, INDEX):
        yield from parts[int.from_bytes(place)]


class _Teller:
    def __init__(self, config: pytest.Config, tell: Connection) -> None:
        self._config = config
        self._told = tell
        self._reports: list[object] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed:
            report.keywords, report.sections = {}, []
        if not report.passed or report.when == "call":
            told = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
            self._reports.append(told)
        if not report.passed or len(self._reports) >= AT_ONCE:
            self.tell()

    def tell(self) -> None:
        if self._reports:
            self._told.send_bytes(json.dumps(self._reports).encode())
            self._reports = []
