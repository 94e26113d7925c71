"""All documents of the services' databases as a majority has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import MongoClient, database
from pymongo.read_concern import ReadConcern

from tests.campaign.dump import Document, waiting

Database = database.Database[dict[str, Any]]

ANSWER_MS = 20_000


def connect(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri, serverSelectionTimeoutMS=ANSWER_MS, timeoutMS=6 * ANSWER_MS, tz_aware=True)


def read_databases(uri: str, services: Sequence[str]) -> dict[str, dict[str, list[Document]]]:
    with connect(uri) as client:
        return {service: _collections(client, service) for service in services}


def unpublished(kept: Database) -> list[str]:
    """The commits that wait for the relay, as the database says it."""
    marks, noted = list(kept["published_up_to"].find()), list(kept["unpublished"].find())
    return waiting(kept["journal"].find({}, {"writer": True, "recorded": True}), marks, noted)


def _collections(client: MongoClient[dict[str, Any]], service: str) -> dict[str, list[Document]]:
    kept = client.get_database(f"kpk_{service}", read_concern=ReadConcern("majority"))
    names = sorted(kept.list_collection_names())
    return {name: list(kept[name].find().sort("_id", 1)) for name in names}
