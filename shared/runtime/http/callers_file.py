"""The file of callers, checked regularly: adding or revoking an account needs no restart."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import structlog
from pydantic import ValidationError

from shared.runtime.access import WrongAccess
from shared.runtime.http.callers import Account, Caller, Callers, accounts_in
from shared.runtime.http.problems import Refused
from shared.runtime.observing.alarms import Alarms

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""The most seconds for which a revoked token is still accepted."""

STANDS_SECONDS = 5.0
"""How long the last content stays valid while the file cannot be read: perhaps it is just being written."""

UNREADABLE = "the file of callers cannot be read, so nobody is let in: mend KPK_CALLERS_FILE (kpk tokens list)"


class CallersFile:
    """The whole file is read by its path each time, so that a renamed file and a rewritten one are both noticed.

    While it cannot be read or is not valid, everybody is refused after some seconds. Raises ``WrongAccess``: a service
    that has never read its callers does not start.
    """

    def __init__(self, file: Path, alarms: Alarms) -> None:
        self._file, self._alarms = file, alarms
        try:
            self._content = file.read_bytes()
            self._accounts = accounts_in(self._content)
        except (OSError, ValidationError) as fault:
            raise WrongAccess(f"callers_file {file} cannot be read ({type(fault).__name__}): kpk tokens list") from None
        self._callers: Callers | None = Callers(self._accounts)
        self._read = self._looked = time.monotonic()

    def who(self, token: str) -> Caller | None:
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self.look()
        if self._callers is None:
            raise Refused(503, "CallersUnknown", "Wer zugreifen darf, kann zurzeit nicht geprüft werden.")
        return self._callers.who(token)

    def look(self) -> None:
        self._looked = time.monotonic()
        try:
            content = self._file.read_bytes()
            accounts = self._accounts if content == self._content else accounts_in(content)
        except (OSError, ValidationError) as fault:
            if self._looked - self._read > STANDS_SECONDS:
                self._callers = None
                self._alarms.tell("callers_file", UNREADABLE, error=type(fault).__name__)
        else:
            tell_changes(self._accounts, accounts)
            self._content, self._accounts, self._callers = content, accounts, Callers(accounts)
            self._read = self._looked
            self._alarms.tell("callers_file", None)

    async def keep_looking(self) -> None:
        """Also without requests, so that the alarm does not wait for a refused caller."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)


def tell_changes(before: list[Account], now: list[Account]) -> None:
    """One log line for each account that has changed, whichever way the file was written."""
    old, new = {one.name: one for one in before}, {one.name: one for one in now}
    for name in sorted(old.keys() | new.keys()):
        if (one := new.get(name)) != old.get(name):
            what = "removed" if one is None else "revoked" if one.revoked else "changed" if name in old else "added"
            log.warning("account changed", account=name, what=what, why=one and one.why)
