"""A: passwords and users are changed under way; who has none any more is out, and nothing that was accepted is lost."""

from __future__ import annotations

import asyncio

from deploy.embedded.kafka_secrets import password_file
from deploy.rights import mongo_users, passwords
from deploy.rights.differences import apply
from deploy.rights.mongo import worker_user
from deploy.rights.mongo_passwords import passwords_in
from shared.runtime.kafka.topics import administering
from shared.runtime.kafka.users import remove_users
from shared.runtime.mongo.driver import directly
from tests.campaign.fault import Fault, Site
from tests.campaign.kafka_dump import ends
from tests.campaign.single import SESSION_SECONDS, single_nodes

WHO, TOPIC = "members", "kpk.members.v1"
CUT_WITHIN = SESSION_SECONDS + 15.0


async def another_password_at_kafka(site: Site) -> None:
    """As docs/operations.md says: another file, `kpk rights apply`, the service started again."""
    nodes = single_nodes(site.world)
    guard = nodes.kafka.guard
    assert guard
    await site.accepted(30)
    password_file(guard.folder, WHO).unlink()
    passwords.make(guard.folder)
    await apply(nodes.access, passwords.in_folder(guard.folder))
    await until_silent(site)
    await site.restart(WHO)
    await until_heard(site)
    await site.accepted(30)


async def another_password_at_mongodb(site: Site) -> None:
    """Of a worker. Its connections hold until it is killed; what comes afterwards has the new one."""
    nodes, user = single_nodes(site.world), worker_user(WHO)
    guard = nodes.mongod.guard
    assert guard
    await site.accepted(30)
    password_file(guard.folder, user).unlink()
    async with directly(f"127.0.0.1:{nodes.mongod.port}", login=guard.own) as client:
        changed = await mongo_users.apply(client, passwords_in(guard.folder))
    assert changed == [f"user {user}: updateUser"], changed
    await site.accepted(30)
    await site.kill(WHO)
    await site.start(WHO)
    await site.accepted(30)


async def user_taken_away(site: Site) -> None:
    """The service's live connection is cut within a session; its journal goes on, and so does it when it is back."""
    nodes = single_nodes(site.world)
    assert nodes.kafka.guard
    await site.accepted(30)
    async with administering(nodes.access) as admin:
        await remove_users(admin, [WHO])
    await until_silent(site)
    await site.accepted(30)
    await apply(nodes.access, passwords.in_folder(nodes.kafka.guard.folder))
    await until_heard(site)


async def until_silent(site: Site) -> None:
    """Nothing of it arrives any more, while its commands are accepted."""

    async def is_silent() -> bool:
        before = await said(site)
        await site.accepted(20)
        return await said(site) == before

    await site.until(is_silent, f"{WHO} is cut from Kafka", CUT_WITHIN)


async def until_heard(site: Site) -> None:
    before = await said(site)

    async def is_heard() -> bool:
        return await said(site) > before

    await site.until(is_heard, f"{WHO} publishes again")


async def said(site: Site) -> int:
    return sum((await asyncio.to_thread(ends, site.world.at, [TOPIC])).values())


FAULTS = (
    Fault("A1", "a service's password at Kafka is changed under load", "rights", another_password_at_kafka),
    Fault("A2", "a service's password at MongoDB is changed under load", "rights", another_password_at_mongodb),
    Fault("A3", "a service's user at Kafka is taken away, and given back", "rights", user_taken_away),
)
