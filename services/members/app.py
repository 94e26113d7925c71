"""Composition root of members: the only place that builds real things."""

from __future__ import annotations

import asyncio

from services.members import api
from services.members.settings import MembersSettings
from services.members.worker import declaration, erase_people
from shared.runtime.parts import open_parts
from shared.runtime.people import People
from shared.runtime.process import Process
from shared.runtime.relay import Relay
from shared.runtime.settings import Role


def build(settings: MembersSettings, role: Role) -> Process:
    parts = open_parts(settings, declaration(api.DECIDERS))
    people = People(parts.session.database["people"])
    return Process(
        parts,
        role,
        api.routes(parts, people),
        prepare=[people.prepare],
        loops=[
            Relay(people, parts.publisher, asyncio.Event()).run,
            lambda: erase_people(parts, people),
        ],
    )
