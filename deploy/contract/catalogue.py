"""``python -m deploy.contract.catalogue``: the contract as pages for people, a site that needs no network.

One page for each event: what it means, when it is said, its fields with meaning and unit, an example as it stands on
its topic, who says it, who listens, and what may change. Written from the contract itself, searchable.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.contract.house import heard, version
from deploy.contract.records import Golden, golden_in
from deploy.contract.released import Released, read_released
from deploy.embedded.process import ROOT
from deploy.kpk.services import service_called
from deploy.kpk.stories.events import kind, words
from shared.contracts.registry import EVENTS, PUBLIC, PUBLIC_STATES, STATE_NAMES, VERSIONS
from shared.contracts.schemas import MODELS, Schema, german_of, occasion_of, schema_of, sentence_of
from shared.contracts.topics import IN_PUBLIC, SERVICES, Topic, events_of, public_of, state_of
from shared.kernel.annotations import classes_in
from shared.kernel.decider import Superseded

PAGES, SITE = ROOT / "build" / "catalogue-pages", ROOT / "build" / "catalogue"
STYLE = "catalogue.css"
START = """# Events of the care conference

What happens around a municipal care conference is told on four topics of Kafka, for named readers; what anybody in the
city may read, on three more, and on another three what is so now of it. Each event and each state has a page here: what
it means, when it is said, what stands in it, who says it and who listens.

- **Record.** CloudEvents 1.0 in Kafka's binary mode: attributes as headers (`ce_id`, `ce_type`, `ce_sequence` …), the
  stream as key, the event's JSON as value. Within a stream `ce_sequence` counts 1, 2, 3 … without a gap; in public,
  where not every event is told, `ce_previous` is the `ce_sequence` of the one before it, 0 for the first.
- **Keys** call one thing within its conference, in small letters, digits and hyphens. Compare keys and ids as they
  are, and show people names and titles.
- **Units.** Amounts are whole cents. Moments are UTC with milliseconds, days those of Berlin (RFC 3339).
- **People** are opaque ids. Their names and addresses are on no topic that is described here.
- **Change.** Within a version only optional fields are added, and a choice that ends in *or other* may get more values.
  Everything else is a new version beside the old one. Ignore fields and types that you do not know.
- **For programs:** `make contract-pack` makes one file of AsyncAPI, a JSON Schema and a record of each type, and a
  whole conference to be replayed.
- **To begin:** [from nothing to the first event](subscribers.md) in ten minutes, in Python, Node, Java or over HTTP.

"""


@dataclass(frozen=True, slots=True)
class Told:
    """What the contract's files and the services say about all types."""

    released: Released
    golden: Sequence[Golden]
    listeners: Mapping[str, Sequence[str]]
    flows: set[tuple[str, str]]


def main() -> int:
    shutil.rmtree(PAGES, ignore_errors=True)
    for path, text in pages(told_by_all()).items():
        (PAGES / path).parent.mkdir(parents=True, exist_ok=True)
        (PAGES / path).write_text(text)
    shutil.copy(ROOT / "deploy" / "contract" / STYLE, PAGES / "docs" / STYLE)
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--config-file",
        str(PAGES / "mkdocs.yml"),
    ]
    done = subprocess.run(command, check=False).returncode
    if done == 0:
        site = SITE.relative_to(ROOT)
        sys.stdout.write(f"{site}/index.html; to search in it: python3 -m http.server -d {site}\n")
    return done


def told_by_all() -> Told:
    folder = ROOT / "contract"
    listeners: dict[str, list[str]] = {}
    for one in heard():
        for name in one.types:
            listeners.setdefault(name, []).append(one.service)
    return Told(read_released(folder / "released.json"), golden_in(folder / "records"), listeners, _flows())


def pages(told: Told) -> dict[str, str]:
    """By file, with the configuration of the site."""
    found = {f"docs/{_path(name)}": page(name, told) for name in (*EVENTS, *PUBLIC, *PUBLIC_STATES)}
    start = {"docs/index.md": START + _contents(), "docs/subscribers.md": _subscribers()}
    return {"mkdocs.yml": _configuration(), **start, **found}


def page(name: str, told: Told) -> str:
    """The page of an event in its newest version, with the earlier versions below."""
    *_, own, _ = name.split(".")
    stem = name.rpartition(".v")[0]
    earlier = sorted((one for one in VERSIONS if one.startswith(f"{stem}.v") and one != name), reverse=True)
    return "\n".join(
        [
            f"# {own}\n",
            f"*{sentence_of(MODELS[name])}*\n",
            *_german(name),
            f"{occasion_of(MODELS[name])}\n",
            *_facts(name, told),
            f"## Fields of {own}\n",
            *_fields(schema_of(name)),
            *_examples(name, told.golden),
            f"## What may change in {own}\n",
            "Within this version only optional fields are added. Ignore what you do not know.\n",
            *(line for one in earlier for line in _earlier(one, told)),
        ]
    )


def _facts(name: str, told: Told) -> Iterable[str]:
    service = name.split(".")[1]
    topic = _topic(name, service)
    nobody = "no service of the house" if name in EVENTS else "any system of the city"
    yield f"- Type `{name}`, since {told.released[name].since}"
    yield f"- Said by {service} on `{topic.name}`"
    yield from _beside(name, told.flows)
    yield f"- Heard by {', '.join(told.listeners.get(name, ())) or nobody}\n"


def _beside(name: str, flows: set[tuple[str, str]]) -> Iterable[str]:
    """For a public event the states that contain it, for a state its events."""
    of_state, of_event = ([one for one in flows if one[place] == name] for place in (0, 1))
    if of_state:
        yield f"- Told by {', '.join(_link(event) for _, event in sorted(of_state))}"
    if of_event:
        yield f"- What is so then: {', '.join(_link(state) for state, _ in sorted(of_event))}"


def _link(name: str) -> str:
    return f"[{name.split('.')[-2]}](../{_path(name)})"


def _flows() -> set[tuple[str, str]]:
    """Each state with the public events that are folded into it."""
    layers = [layer for name in SERVICES for layer in service_called(name).public]
    names = {event: name for name, event in PUBLIC.items()}
    return {(STATE_NAMES[one.state], names[event]) for one in layers for event in classes_in(one.keeps, "event")}


def _topic(name: str, service: str) -> Topic:
    if name in PUBLIC_STATES:
        return state_of(service)
    return public_of(service) if name in PUBLIC else events_of(service)


def _german(name: str) -> Iterable[str]:
    """An event's sentence. A state has none."""
    if name not in PUBLIC_STATES:
        yield f"*{german_of(name)}*\n"


def _fields(schema: Schema) -> Iterable[str]:
    yield from _table(schema)
    for part, fields in schema.get("$defs", {}).items():
        yield f"### {words(part).capitalize()}\n\n{fields['description']}\n"
        yield from _table(fields)


def _table(part: Schema) -> Iterable[str]:
    yield "| Field | Value | Meaning |\n| --- | --- | --- |"
    required = part.get("required", ())
    for field, told in part.get("properties", {}).items():
        optional = "" if field in required else "<br>may be absent"
        yield f"| `{field}` | {kind(told)}{optional} | {told['description']} |"
    yield ""


def _examples(name: str, golden: Sequence[Golden]) -> Iterable[str]:
    """The newest known form of the event."""
    for one in [one for one in golden if one.type == name][-1:]:
        record = one.record
        headers = "\n".join(f"{header}: {value}" for header, value in record["headers"].items())
        yield f"## Example of {name}\n\nKey `{record['key']}`, headers:\n\n```text\n{headers}\n```\n"
        yield f"Value:\n\n```json\n{_json(record['value'])}\n```\n"


def _earlier(name: str, told: Told) -> Iterable[str]:
    event = VERSIONS[name]
    assert issubclass(event, Superseded)
    yield f"## Version {event.version}\n"
    yield f"`{name}`: not said since {event.superseded_on}. Its records stay on the topic, and are to be read.\n"
    yield from _fields(schema_of(name))
    yield from _examples(name, told.golden)


def _subscribers() -> str:
    """The page next to the samples, with one link outside, to the events."""
    return (ROOT / "docs" / "subscribers" / "README.md").read_text().replace("../events.md", "index.md")


def _contents() -> str:
    rows = []
    for section, names in _sections().items():
        head = "State | What is so" if section.endswith(" now") else "Event | What has happened"
        rows += [f"## {section}\n", f"| {head} |\n| --- | --- |"]
        rows += [f"| [{name.split('.')[-2]}]({_path(name)}) | {sentence_of(MODELS[name])} |" for name in names]
        rows += [""]
    return "\n".join(rows)


def _configuration() -> str:
    """JSON, which is valid YAML."""
    nav = [{section: [{name.split(".")[-2]: _path(name)} for name in names]} for section, names in _sections().items()]
    return _json(
        {
            "site_name": f"Events of the care conference {version()}",
            "site_dir": str(SITE),
            "theme": {"name": "kern-ux", "hljs_languages": ["json"]},
            "extra_css": [STYLE],
            "plugins": [{"search": {"lang": ["en", "de"]}}],
            "markdown_extensions": ["tables", "fenced_code"],
            "use_directory_urls": False,
            "nav": [{"Start": "index.md"}, {"To subscribe": "subscribers.md"}, *nav],
        }
    )


def _sections() -> dict[str, list[str]]:
    public = {f"{service} in public": _beginning(PUBLIC, service) for service in IN_PUBLIC}
    now = {f"{service} now": _beginning(PUBLIC_STATES, service) for service in IN_PUBLIC}
    return {**public, **now, **{service: own for service in SERVICES if (own := _beginning(EVENTS, service))}}


def _beginning(names: Iterable[str], service: str) -> list[str]:
    return sorted(name for name in names if name.startswith(f"kpk.{service}."))


def _path(name: str) -> str:
    _, *section, own, _ = name.split(".")
    return f"{'-'.join(section)}/{own}.md"


def _json(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)


if __name__ == "__main__":
    sys.exit(main())
