"""The suites of journal, delivery and people, written for the real mongod, hold on the model as well, test by test."""

from __future__ import annotations

import asyncio
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from shared.runtime.mongo import driver as mongo
from shared.runtime.mongo.driver import connect
from tests.members import test_people
from tests.shared.commands import test_journal
from tests.shared.delivery import test_delivery
from tests.storms.world.cluster import Cluster
from tests.storms.world.database import ModelClient
from tests.storms.world.surroundings import in_place
from tests.storms.world.wire import Wire

pytestmark = pytest.mark.storm

BEYOND_THE_MODEL = {
    "test_a_history_changed_by_hand_shows",  # an update that reaches into a document is nothing we ever do
    "test_what_one_writer_is_late_with_is_not_behind_the_mark_of_another",  # asks the server for its own time
    "test_who_does_not_hear_what_became_of_an_insert_goes_on_as_another_writer",  # has the server refuse an insert
    "test_a_command_is_found_without_looking_at_everybody",  # asks the server for its plan
}


@pytest.fixture
async def database() -> Any:
    """In the place of the real one, for everything that is taken over here."""
    with in_place([(mongo, "AsyncIOMotorClient", partial(ModelClient, Cluster(Wire(asyncio.get_running_loop(), 0))))]):
        return connect("mongodb://localhost", "test").database


def taken_over(module: ModuleType) -> dict[str, Any]:
    """Tests and the fixtures they need, without the mark that asks for servers."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if (name.startswith("test_") and name not in BEYOND_THE_MODEL) or name in ("service", "journal", "people")
    }


globals().update(taken_over(test_journal) | taken_over(test_delivery) | taken_over(test_people))
