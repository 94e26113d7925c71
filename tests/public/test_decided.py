"""Every event is decided on: told in public, or closed for a reason. What is told is understood from itself alone."""

from __future__ import annotations

import json
from string import Formatter

import pytest

from deploy.kpk.stories.sentences import Teller
from shared.contracts.registry import EVENTS, NAMES, PUBLIC, VERSIONS, public_name
from shared.contracts.schemas import MODELS, UNNAMED, german_of, schema_of, sentence_of
from shared.contracts.topics import IN_PUBLIC, PUBLIC_TOPICS, SERVICES, STATE_TOPICS
from shared.declarations.public import Published
from shared.declarations.service import Service
from shared.runtime.http.strict_json import check
from tests.public.told import layers, life, said, services

KINDS = [pytest.param(service, layer, id=layer.decider.kind) for service, layer in layers()]


@pytest.mark.parametrize("service", services(), ids=SERVICES)
def test_every_event_is_either_public_or_closed_for_a_reason(service: Service) -> None:
    public = [event for layer in service.public for event in layer.events]
    closed = [*service.closed]
    decided = {event for one in service.deciders for event in one.events}
    undecided = {NAMES[event] for event in decided} - {NAMES[event] for event in [*public, *closed]}
    assert not undecided, f"say `not_public` in its class, or in services/{service.name}/public.py what is told of it"
    assert len(public) + len(closed) == len({*public, *closed}) == len(decided), "each is named once"
    assert all(len(why) > 10 for why in service.closed.values())


def test_only_those_who_say_something_in_public_have_a_topic_for_it() -> None:
    saying = [service for service in services() if service.public]
    assert [service.name for service in saying] == list(IN_PUBLIC)
    own = [service.own_topics for service in saying]
    assert own == list(zip(PUBLIC_TOPICS, STATE_TOPICS, strict=True))


def test_every_public_type_is_said() -> None:
    told = {
        public_name(event) for service, layer in layers() for _, event in said(service, layer, life(service, layer))
    }
    assert told == set(PUBLIC)


@pytest.mark.parametrize(("service", "layer"), KINDS)
def test_each_is_told_as_a_sentence_from_itself_alone(service: str, layer: Published) -> None:
    for _, event in said(service, layer, life(service, layer)):
        name, fields = public_name(event), json.loads(event.model_dump_json())
        assert {field for _, field, _, _ in Formatter().parse(german_of(name)) if field} <= set(fields)
        for language in ("de", "en"):
            sentence = Teller(language).event(name, fields)
            assert UNNAMED not in sentence and "null" not in sentence and name not in sentence, sentence
        check(event.model_dump_json().encode())


def test_a_public_type_is_no_event_that_anybody_decides_or_hears() -> None:
    assert not set(PUBLIC) & set(VERSIONS)
    assert not {*PUBLIC.values()} & {*EVENTS.values()}
    wanted = {event for service in services() for event in service.wanted}
    assert not {*PUBLIC.values()} & wanted


def test_an_invitation_of_old_that_was_copied_to_a_guest_tells_the_public_nothing() -> None:
    [layer] = [layer for _, layer in layers() if layer.decider.kind == "session"]
    history = [*life("meetings", layer)]
    invited = [one for one in history if one[0] == "InvitationIssued"]
    told = [name for name, _ in said("meetings", layer, [*history, *invited])]
    assert told == [name for name, _ in said("meetings", layer, history)]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_event_calls_nothing_by_a_key_that_only_other_events_explain(name: str) -> None:
    keys = {field for field, told in schema_of(name)["properties"].items() if "pattern" in json.dumps(told)}
    for sentence in (sentence_of(MODELS[name]), german_of(name)):
        assert not keys & {field for _, field, _, _ in Formatter().parse(sentence) if field}, sentence
