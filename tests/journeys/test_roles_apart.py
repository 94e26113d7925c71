"""Each service as an API process and a worker process, as containers have them: each needs no more than its user may.

The embedded stack has one process of both, which is the worker's user: what an API process lacks shows here alone.
"""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from deploy.demo.data import read_data
from deploy.demo.office import Office
from deploy.demo.outcome import disagreements, read_back
from deploy.demo.play import Play
from deploy.demo.story import tell
from deploy.embedded.data_folder import claim, only_one
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.service import SERVICES, Service, ServiceDescription
from deploy.embedded.stack import Stack
from deploy.embedded.tokens import read_tokens

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(600)]

WORKER = "-worker"


def roles_of(description: ServiceDescription) -> tuple[ServiceDescription, ServiceDescription]:
    """The API keeps the service's name: it is whom everybody asks."""
    words = [sys.executable, "-m", f"services.{description.name}"]
    worker = replace(description, name=f"{description.name}{WORKER}", command=[*words, "worker"])
    return replace(description, command=[*words, "api"]), worker


class RolesApart(Stack):
    def _service(self, description: ServiceDescription) -> Service:
        made = super()._service(description)
        name, user = description.name.removesuffix(WORKER), description.name
        user = user if user.endswith(WORKER) else f"{user}-api"
        mongo = {"USER": user, "PASSWORD_FILE": str(password_file(self.mongo_secrets, user))}
        workers = {
            f"KPK_WORKER_{one.name.upper()}": f"http://127.0.0.1:{self.ports[one.name + WORKER]}" for one in SERVICES
        }
        made.settings = {
            **made.settings,
            **self._kafka_login(name),
            **{f"KPK_MONGO_{key}": value for key, value in mongo.items()},
            **(workers if description.calls_others else {}),
        }
        return made


async def test_the_demos_story_ends_as_in_its_data(own_folder: Path) -> None:
    folder, data = own_folder / "data", read_data()
    with only_one(folder):
        claim(folder, fresh=True)
        services = [role for description in SERVICES for role in roles_of(description)]
        stack = RolesApart(folder, services, settable_clock=True)
        await stack.start()
        try:
            async with Office(stack.state.services, read_tokens(folder), data.conference.slug) as office:
                play = Play(data, office)
                await tell(play, Console(file=io.StringIO()))
                outcome = await read_back(play, Path(stack.state.mail_folder))
        finally:
            await stack.stop()
    assert disagreements(data, outcome) == []
