"""A service's projections in a world without servers, with the queries of MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from shared.declarations.projection import Document, Projection
from shared.runtime.delivery.stores import ProjectionStore
from tests.kit.world import World


class Projected(ProjectionStore):
    def __init__(self, world: World, service: str = "meetings") -> None:
        self._documents = world.documents[service]

    async def get(self, projection: Projection, key: str) -> Document | None:
        return next((one for one in self._of(projection) if one["_id"] == key), None)

    async def find(
        self, projection: Projection, where: Mapping[str, Any], sort: str = "_id", limit: int | None = None
    ) -> list[Document]:
        found = [one for one in self._of(projection) if all(_is(one[name], wanted) for name, wanted in where.items())]
        return sorted(found, key=itemgetter(sort))[:limit]

    def _of(self, projection: Projection) -> list[Document]:
        return [one for key, one in self._documents.items() if key.projection == projection.name]


class AwayAtFirst(Projected):
    """Raises each of these once, then answers."""

    def __init__(self, world: World, errors: Iterable[Exception]) -> None:
        super().__init__(world)
        self._errors = [*errors]

    async def find(
        self, projection: Projection, where: Mapping[str, Any], sort: str = "_id", limit: int | None = None
    ) -> list[Document]:
        if self._errors:
            raise self._errors.pop(0)
        return await super().find(projection, where, sort, limit)


def _is(told: Any, wanted: Any) -> bool:
    match wanted:
        case {"$in": those}:
            return told in those
        case {"$gte": least}:
            return bool(told >= least)
        case _:
            return bool(told == wanted)
