"""Composition root of members: the only place that builds real things."""

from __future__ import annotations

from services.members import api
from services.members.settings import MembersSettings
from services.members.worker import declaration, erase_people
from shared.runtime.parts import open_parts
from shared.runtime.process import Process
from shared.runtime.settings import Role


def build(settings: MembersSettings, role: Role) -> Process:
    parts = open_parts(settings, declaration(api.DECIDERS))
    people = parts.people
    assert people is not None
    return Process(
        parts,
        role,
        api.routes(parts, people),
        prepare=[people.prepare],
        loops=[
            parts.relay_of(people).run,
            lambda: erase_people(parts, people),
        ],
    )
