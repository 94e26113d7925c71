"""``pytest --forks N``: tests are collected once; then each of N forks takes file after file until none is left.

For many tests of a millisecond: pytest-xdist collects in each worker and sends three reports of each test, which costs
as much as such a test. Here what is green is told once, without what it has said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, pairwise
from multiprocessing import Process, get_context
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

INDEX = 2
"""Bytes: what is read at once from a pipe belongs to one reader."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, help="collect once, and run whole files in so many forks")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not session.config.option.forks or session.config.option.collectonly or session.testsfailed:
        return None
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all forks
    files = [[*tests] for _, tests in groupby(session.items, key=lambda item: item.path)]
    running = dict(_begun(session, sorted(files, key=len, reverse=True)))
    while running:
        for told in wait(list(running)):
            _hear(session, running, told)  # type: ignore[arg-type]  # connections are what it waits for
    return True


def _begun(session: pytest.Session, files: Sequence[Sequence[pytest.Item]]) -> Iterator[tuple[Connection, Process]]:
    todo, given = os.pipe()
    os.write(given, b"".join(place.to_bytes(INDEX) for place in range(len(files))))
    os.close(given)
    context = get_context("fork")
    for _ in range(session.config.option.forks):
        told, tell = context.Pipe(duplex=False)
        process: Any = context.Process(target=_run, args=(session, files, todo, tell))
        process.start()
        tell.close()
        yield told, process
    os.close(todo)


def _hear(session: pytest.Session, running: dict[Connection, Process], told: Connection) -> None:
    hook = session.config.hook
    try:
        report = hook.pytest_report_from_serializable(config=session.config, data=json.loads(told.recv_bytes()))
    except EOFError:
        process = running.pop(told)
        process.join()
        if process.exitcode:
            raise session.Interrupted(f"a fork ended with status {process.exitcode}") from None
        return
    hook.pytest_runtest_logreport(report=report)
    if session.shouldfail:
        for process in running.values():
            process.terminate()
        raise session.Failed(session.shouldfail)


def _run(session: pytest.Session, files: Sequence[Sequence[pytest.Item]], todo: int, tell: Connection) -> None:
    plugins = session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(_Teller(session.config, tell))
    captured: Any = plugins.get_plugin("capturemanager")
    captured.stop_global_capturing()
    captured.start_global_capturing()  # into a file of its own
    captured.suspend_global_capture()
    for item, following in pairwise(chain(_taken(files, todo), [None])):
        if not session.shouldfail:
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _taken(files: Sequence[Sequence[pytest.Item]], todo: int) -> Iterable[pytest.Item]:
    while place := os.read(todo, INDEX):
        yield from files[int.from_bytes(place)]


class _Teller:
    def __init__(self, config: pytest.Config, tell: Connection) -> None:
        self._config = config
        self._tell = tell

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed:
            report.keywords, report.sections = {}, []
        if not report.passed or report.when == "call":
            told = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
            self._tell.send_bytes(json.dumps(told).encode())
