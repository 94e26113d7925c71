"""The tokens of callers, and the file of their hashes for the services, side by side in one folder.

Each change is atomic: one program at a time changes a folder, and the next one completes a change that a crash
interrupted.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deploy.embedded.data_folder import Refused, noting
from deploy.embedded.private_files import write_private
from shared.kernel.time import days, utc
from shared.runtime.http.callers import Account, CallerRole, hash_of, read_accounts

ROLES: Mapping[str, CallerRole] = {
    "office": "office",
    "office-2": "office",
    "approver": "approver",
    "admin": "admin",
    "monitor": "monitor",
}

OF_A_CONFERENCE = ("office", "office-2", "approver", "admin")
"""The account that watches the installation as a whole."""

FIRST_DAYS = 5 * 365
"""For the first accounts of a folder: long enough for work, but no token is for ever."""

USUAL_DAYS = 365


def tokens_file(data: Path) -> Path:
    return data / "tokens.json"


def callers_file(data: Path) -> Path:
    return data / "callers.json"


def make_tokens(data: Path, *conferences: str) -> None:
    """Existing tokens stay valid, and revoked ones stay revoked.

    The operator's accounts act for every conference. Each of ``conferences`` has accounts of its own, which act for no
    other: ``ulm.office``.
    """
    wanted = [*ROLES, *(f"{conference}.{role}" for conference in conferences for role in OF_A_CONFERENCE)]
    with noting(data):
        accounts, tokens = accounts_in(data), _tokens_in(data)
        revoked = {one.name for one in accounts if one.revoked}
        missing = {name: new_token() for name in wanted if name not in tokens and name not in revoked}
        if missing:
            write_private(tokens_file(data), {**tokens, **missing})
        _write_accounts(data, _completed(accounts, {**tokens, **missing}))


def add(data: Path, name: str, role: CallerRole, conferences: Iterable[str], for_days: int) -> None:
    """Raises ``Refused`` for a name in use, also by a revoked account."""
    with noting(data):
        accounts, token, now = accounts_in(data), new_token(), _now()
        if any(one.name == name for one in accounts):
            raise Refused(f"there is an account {name} already. A new token for it: kpk tokens rotate {name}")
        write_private(tokens_file(data), {**_tokens_in(data), name: token})
        account = Account(
            name=name,
            role=role,
            sha256=hash_of(token),
            conferences=frozenset(conferences),
            until=now + days(for_days),
            changed=now,
        )
        _write_accounts(data, [*accounts, account])


def revoke(data: Path, name: str, why: str) -> None:
    """Its token is invalid within a second."""
    with noting(data):
        now = _now()
        _change(data, name, revoked=now, changed=now, why=why)
        write_private(tokens_file(data), {one: token for one, token in _tokens_in(data).items() if one != name})


def rotate(data: Path, name: str, for_days: int) -> None:
    """A new token for the same account, also for a revoked one; the old token becomes invalid."""
    with noting(data):
        token, now = new_token(), _now()
        known(data, name)
        write_private(tokens_file(data), {**_tokens_in(data), name: token})
        _change(data, name, sha256=hash_of(token), until=now + days(for_days), revoked=None, changed=now, why=None)


def accounts_in(data: Path) -> list[Account]:
    """Empty without a file. Raises ``Refused`` for an invalid one."""
    file = callers_file(data)
    if _next(file).exists():
        _write_in_place(file, _next(file).read_bytes())
    try:
        return read_accounts(file) if file.exists() else []
    except ValidationError:
        raise Refused(
            f"{file} is no valid file of callers: restore it, or move it away and say kpk tokens make"
        ) from None


def known(data: Path, name: str) -> Account:
    accounts = {one.name: one for one in accounts_in(data)}
    if name not in accounts:
        raise Refused(f"{data} has no account {name}: name one of {', '.join(accounts) or 'those that you add'}")
    return accounts[name]


def read_tokens(data: Path) -> dict[str, str]:
    tokens: dict[str, str] = json.loads(tokens_file(data).read_text())
    return tokens


def new_token() -> str:
    return secrets.token_urlsafe(32)


def _completed(accounts: Sequence[Account], tokens: Mapping[str, str]) -> list[Account]:
    """Each token that was made here has an account, and each of these accounts has an end."""
    rows = {one.name: one for one in accounts}
    for name, token in tokens.items():
        row = rows.get(name)
        if row is None and name.rpartition(".")[2] in ROLES:
            rows[name] = _first(name, token)
        elif row and not row.revoked and (row.sha256 != hash_of(token) or row.until is None):
            rows[name] = _first(name, token).model_copy(update={"role": row.role, "conferences": row.conferences})
    return list(rows.values())


def _first(name: str, token: str) -> Account:
    conference, _, role = name.rpartition(".")
    now = _now()
    return Account(
        name=name,
        role=ROLES.get(role, "office"),
        sha256=hash_of(token),
        conferences=frozenset({conference or "*"}),
        until=now + days(FIRST_DAYS),
        changed=now,
    )


def _change(data: Path, name: str, **changes: Any) -> None:
    changed = known(data, name).model_copy(update=changes)
    _write_accounts(data, [changed if one.name == name else one for one in accounts_in(data)])


def _write_accounts(data: Path, accounts: Sequence[Account]) -> None:
    rows = [{**one.model_dump(mode="json"), "conferences": sorted(one.conferences)} for one in accounts]
    file = callers_file(data)
    if list(accounts) == accounts_in(data) and file.exists():
        return
    # Hashes of long random tokens: a container's own user must be able to read them.
    if not file.exists():
        write_private(file, rows, mode=0o644)
        return
    write_private(_next(file), rows, mode=0o644)
    _write_in_place(file, _next(file).read_bytes())


def _write_in_place(file: Path, content: bytes) -> None:
    """Not by rename: a container has this very file mounted, and would continue to read the old one.

    It never becomes shorter, because blanks may follow JSON. Room is made first, with blanks: on a full disk the old
    content stays. ``<file>.next`` exists until it is done, so that a crash in between loses nothing.
    """
    handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        _put(handle, b" " * (len(content) - size), size, file)
        _put(handle, content.ljust(size), 0, file)
        os.fsync(handle)
    finally:
        os.close(handle)
    _next(file).unlink()


def _put(handle: int, content: bytes, at: int, file: Path) -> None:
    """In one call. A disk that has room for a part of it takes that part and raises nothing."""
    if os.pwrite(handle, content, at) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))


def _next(file: Path) -> Path:
    return file.with_name(file.name + ".next")


def _tokens_in(data: Path) -> dict[str, str]:
    return read_tokens(data) if tokens_file(data).exists() else {}


def _now() -> datetime:
    return utc(datetime.now(UTC))
