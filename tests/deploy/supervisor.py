"""`kpk up` with a stub in the place of the services: `python -m tests.deploy.supervisor DATA [--detach]`."""

import asyncio
import sys
from pathlib import Path

from deploy.embedded.data_folder import claim, only_one
from deploy.embedded.service import ServiceDescription
from deploy.embedded.stack import Stack
from deploy.kpk.running.up import run
from deploy.kpk.stack import say
from shared.runtime.kafka.access import KafkaAccess

STUB = ServiceDescription("stub", [sys.executable, "-m", "tests.deploy.stub_service"])
FAILING = ServiceDescription("failing", [*STUB.command, "--fail"])


async def no_topics(_kafka: KafkaAccess) -> None:
    """The stub reads none."""


def main() -> None:
    data = Path(sys.argv[1])
    with only_one(data):
        claim(data)
        asyncio.run(run(Stack(data, [STUB], topics=no_topics, say=say), "--detach" in sys.argv))


if __name__ == "__main__":
    main()
