"""`kpk privacy proof PERSON`: the places searched for a person, the findings, and until when they stay."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.privacy.proof import Proof, prove
from deploy.kpk.privacy.traces import Needles, Place
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import console, show_texts
from deploy.rights.mongo import AUDITOR
from shared.kernel.time import iso
from shared.runtime.kafka.reader import KafkaUnreadable
from shared.runtime.mongo.driver import MongoUnavailable

Also = Annotated[
    list[str] | None,
    typer.Option(
        "--also", metavar="TEXT", help="A name or address that must be gone; repeat. It is never printed or logged."
    ),
]


def add_to(app: typer.Typer) -> None:
    privacy = typer.Typer(help="Show the traces of a person.", no_args_is_help=True)
    privacy.callback()(_group)
    privacy.command()(somewhere(proof))
    app.add_typer(privacy, name="privacy")


def _group() -> None:
    """Show the traces of a person."""


def proof(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    also: Also = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Search everything for a person; exit status 1 if details are where they must not be, or stay too long.

    What is known of the person is looked for too. Of somebody who is erased nothing is known any more: say with --also
    what was.
    """
    on = installation(data)
    needles = Needles(person.lower(), frozenset(also or ()))
    try:
        with console.status("searching"):
            found = asyncio.run(prove(needles, on.mongo_as(AUDITOR), on.kafka, on.state.data if on.state else None))
    except (KafkaUnreadable, MongoUnavailable) as error:
        raise Refused(f"searching is not possible ({type(error).__name__}). See: kpk status") from None
    if as_json:
        typer.echo(json.dumps(_as_json(found), indent=2))
    else:
        show(found)
    raise typer.Exit(1 if found.left else 0)


def _told(place: Place) -> tuple[str, ...]:
    where, gone = ", ".join(place.where), _moment(place.gone_by)
    return place.name, str(place.searched), str(place.found), place.verdict, gone, where


def show(found: Proof) -> None:
    show_texts(("place", "searched", "found", "verdict", "gone by", "where"), map(_told, found.places))
    say(f"looked for the id and {found.words} words that tell of the person")
    say(_sentence(found))


def _sentence(found: Proof) -> str:
    if found.left:
        return f"LEFT in {len(found.left)} places: say ErasePerson again, then look again; docs/privacy.md says more"
    if not found.erased:
        return "this person is not erased: the details are kept where they belong, and nowhere else"
    if going := [place.gone_by for place in found.places if place.verdict == "going" and place.gone_by]:
        return f"erased: the rest is gone by {_moment(max(going))}"
    return "erased: nothing but the id is left"


def _moment(moment: datetime | None) -> str:
    return iso(moment) if moment else ""


def _as_json(found: Proof) -> dict[str, object]:
    return {
        "person": found.person,
        "erased": found.erased,
        "left": len(found.left),
        "words": found.words,
        "places": [_row(place) for place in found.places],
    }


def _row(place: Place) -> dict[str, object]:
    told = asdict(place)
    return {"place": told.pop("name"), **told, "gone_by": _moment(place.gone_by) or None}
