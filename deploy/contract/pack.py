"""``python -m deploy.contract.pack``: everything to test a reader with, without us, as one file.

The same contract gives the same file, byte for byte.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from deploy.contract.house import version
from deploy.embedded.process import ROOT

PACK = ROOT / "build" / "contract-pack.zip"
CONFERENCE = ROOT / "contract" / "conference.jsonl"
REPLAY = ROOT / "docs" / "subscribers" / "python" / "replay.py"

READ_ME = f"""# The care conference's events, {version()}

- `asyncapi.json`: topics, types, headers, examples.
- `schemas/`: a JSON Schema (2020-12) for each type and version.
- `records/`: at least one record of each, as it stands on its topic: topic, key, headers, value.
- `conference.jsonl`: a whole conference, as anybody in the city reads it: a record a line, in the order of its events.
- `replay.py`: writes it to a Kafka of your own: `python3 replay.py conference.jsonl localhost:9092`.
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
    yield "replay.py", REPLAY.read_bytes()
    for folder in ("schemas", "records"):
        for file in sorted((ROOT / "contract" / folder).glob("*.json")):
            yield f"{folder}/{file.name}", file.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
