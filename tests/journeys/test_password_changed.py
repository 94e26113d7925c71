"""A database user's password is changed while the service works: what was accepted is there, the old one is no use."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure

from deploy.embedded import process
from deploy.embedded.kafka_secrets import password_file
from deploy.rights.mongo import worker_user
from shared.runtime.mongo.driver import connect
from tests.journeys.clerk import clerk_of
from tests.journeys.stack import RunningStack
from tests.journeys.work import at_work, found_conference, lost, some_more, until_mails_are_out
from tests.kit.eventually import eventually

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(600)]

WRONG_LOGIN = 18


async def test_nothing_is_lost_and_the_old_password_is_refused(stack: RunningStack) -> None:
    await stack.be_supervised()
    user = worker_user("members")
    before = stack.state.mongo_as(user)
    async with clerk_of(stack, "password") as clerk:
        await found_conference(clerk)
        async with at_work(clerk):
            await some_more(clerk)
            password_file(Path(str(stack.state.mongo_secrets)), user).unlink()
            told = await asyncio.to_thread(stack.kpk, "rights", "mongo")
            assert told.stdout.split("\n")[0] == f"user {user}: updateUser", told.stderr
            await some_more(clerk)
            process.send(stack.record("members").identity, signal.SIGKILL)
            await some_more(clerk)
        assert await lost(clerk) == []
        await until_mails_are_out(clerk)
    session = connect(before, "kpk_members")
    with pytest.raises(OperationFailure) as refused:
        await session.database["journal"].find_one({})
    await session.close()
    assert refused.value.code == WRONG_LOGIN
    await eventually(lambda: stack.kpk("verify").returncode == 0, "everything agrees", 120)
