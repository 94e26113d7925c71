"""The least that an accepted command can cost: an empty FastAPI route before the same insert, grouped alike."""

from __future__ import annotations

import os
from itertools import count

import uvicorn
import uvloop
from fastapi import FastAPI, Response

from shared.runtime.commands.commit import to_document
from shared.runtime.commands.group_commit import GroupCommit
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import Document, Session, connect
from shared.runtime.observing.logs import configure
from tests.bench import data


def app_of(session: Session) -> FastAPI:
    """It reads no body, checks nobody and decides nothing; the commit that it inserts is as large as a real one."""
    app, journal, numbers = FastAPI(), session.database["journal"], count()
    template = to_document(next(data.commits(1, 1)))

    together = GroupCommit(journal)

    @app.get("/health/ready")
    async def ready() -> Response:
        await Journal(journal).prepare()
        return Response()

    @app.post("/commands/RegisterOrganisation", response_model=None)
    async def insert() -> Response:
        await together.insert(_another(template, next(numbers)))
        return Response(b"{}", media_type="application/json")

    return app


def _another(document: Document, number: int) -> Document:
    """Unlike the others in everything that has to be unique."""
    stream, command, event = f"{document['stream']}-{number}", document["command"], document["events"][0]
    return {
        **document,
        "_id": f"{stream}:1",
        "stream": stream,
        "command": {**command, "id": f"{command['id']}-{number}"},
        "events": [{**event, "id": f"{event['id']}-{number}"}],
    }


def main() -> None:
    configure("bench", "json", "info")
    session = connect(os.environ["KPK_MONGO_URI"], os.environ["KPK_MONGO_DATABASE"])
    config = uvicorn.Config(
        app_of(session),
        port=int(os.environ["KPK_HTTP_PORT"]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
    uvloop.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
