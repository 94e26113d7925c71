"""A replica set of one: formed once, kept when its server restarts, also on another port."""

from collections.abc import Awaitable, Callable, Mapping

from shared.runtime.mongo.driver import NOBODY, Client, MongoUnavailable, OperationFailure, directly

NOT_YET_INITIALIZED, ALREADY_INITIALIZED = 94, 23


async def is_primary_of_its_own(address: str, name: str, login: Mapping[str, str] = NOBODY) -> bool:
    """To be called until true: forms the set if there is none, corrects its address if that has changed."""
    return await _asked(address, name, correct_address, login)


async def is_primary(address: str, name: str, login: Mapping[str, str] = NOBODY) -> bool:
    """The same, but it does not change an existing set, which may have other members."""
    return await _asked(address, name, must_be_formed, login)


async def _asked(
    address: str, name: str, look: Callable[[Client, str], Awaitable[None]], login: Mapping[str, str]
) -> bool:
    async with directly(address, login=login) as client:
        try:
            await form_replica_set(client, address, name, look)
            told = await client.admin.command("hello")
        except MongoUnavailable:
            return False
        return bool(told.get("isWritablePrimary"))


async def form_replica_set(
    client: Client, address: str, name: str, look: Callable[[Client, str], Awaitable[None]]
) -> None:
    """``look`` fails if no set is formed yet."""
    try:
        await look(client, address)
    except OperationFailure as failure:
        if failure.code != NOT_YET_INITIALIZED:
            raise
        await initiate(client, address, name)


async def must_be_formed(client: Client, address: str) -> None:
    await client.admin.command("replSetGetConfig")


async def correct_address(client: Client, address: str) -> None:
    config = (await client.admin.command("replSetGetConfig"))["config"]
    if config["members"][0]["host"] == address:
        return
    config["members"][0]["host"] = address
    config["version"] += 1
    await client.admin.command("replSetReconfig", config, force=True)


async def initiate(client: Client, address: str, name: str) -> None:
    config = {"_id": name, "members": [{"_id": 0, "host": address}]}
    try:
        await client.admin.command("replSetInitiate", config)
    except OperationFailure as failure:
        if failure.code != ALREADY_INITIALIZED:
            raise
