"""``python -m deploy.contract.pack``: everything to test a reader with, without us, as one file.

The same contract gives the same file, byte for byte.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from deploy.contract.house import version
from deploy.embedded.process import ROOT
from deploy.kpk.services import service_called
from shared.contracts.envelope import read_headers
from shared.contracts.registry import PUBLIC
from shared.contracts.states.state import PublicState
from shared.contracts.topics import IN_PUBLIC
from shared.kernel.identifiers import kind_of
from shared.runtime.publishing.public import present

PACK = ROOT / "build" / "contract-pack.zip"
CONFERENCE = ROOT / "contract" / "conference.jsonl"
REPLAY = ROOT / "docs" / "subscribers" / "python" / "replay.py"

READ_ME = f"""# The care conference's events, {version()}

- `asyncapi.json`: topics, types, headers, examples.
- `schemas/`: a JSON Schema (2020-12) for each type and version.
- `records/`: at least one record of each, as it stands on its topic: topic, key, headers, value.
- `conference.jsonl`: a whole conference, as anybody in the city reads it: a record a line, in the order of its events.
- `states.jsonl`: what is so after each of them, as it stands on the state topics; a null is a record without a value.
- `replay.py`: writes one or the other to a Kafka of your own: `python3 replay.py conference.jsonl localhost:9092`.
"""


def main(pack: Path = PACK) -> int:
    pack.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(pack, "w", ZIP_DEFLATED) as out:
        for name, content in files():
            out.writestr(ZipInfo(f"contract-pack/{name}"), content, ZIP_DEFLATED)
    sys.stdout.write(f"{pack.relative_to(ROOT) if pack.is_relative_to(ROOT) else pack}\n")
    return 0


def files() -> Iterator[tuple[str, bytes]]:
    yield "README.md", READ_ME.encode()
    yield "asyncapi.json", (ROOT / "contract" / "asyncapi.json").read_bytes()
    yield "conference.jsonl", CONFERENCE.read_bytes()
    yield "states.jsonl", "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in states()).encode()
    yield "replay.py", REPLAY.read_bytes()
    for folder in ("schemas", "records"):
        for file in sorted((ROOT / "contract" / folder).glob("*.json")):
            yield f"{folder}/{file.name}", file.read_bytes()


def states() -> Iterator[dict[str, Any]]:
    """The states that follow from the conference's records, one by one."""
    layers = {layer.decider.kind: layer for name in IN_PUBLIC for layer in service_called(name).public}
    kept: dict[str, PublicState | None] = {}
    for record in map(json.loads, CONFERENCE.read_text().split("\n")[:-1]):
        envelope = read_headers((name, text.encode()) for name, text in record["headers"].items())
        layer = layers[kind_of(envelope.stream)]
        event = PUBLIC[envelope.type].model_validate_json(json.dumps(record["value"]))
        kept[envelope.stream] = layer.keeps(kept.get(envelope.stream), event)
        source = envelope._replace(id=envelope.causation)
        said = present(layer, kept[envelope.stream], source, envelope.source.rpartition(":")[2])
        headers = {name: text.decode() for name, text in said.headers}
        yield {
            "topic": said.topic,
            "key": said.key.decode(),
            "headers": headers,
            "value": json.loads(said.value or b"null"),
        }


if __name__ == "__main__":
    sys.exit(main())
