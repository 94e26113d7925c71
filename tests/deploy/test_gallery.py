"""The page of all mails has every kind, loads nothing and runs nothing."""

from __future__ import annotations

import re
from typing import get_args

from deploy.demo.data import read_data
from deploy.demo.gallery import examples, gallery
from shared.contracts.notifications import Content

DATA = read_data()


def test_every_kind_of_mail_is_shown() -> None:
    kinds = {kind.model_fields["kind"].default for kind in get_args(get_args(Content)[0])}
    assert {one.content.kind for one in examples(DATA)} == kinds


def test_nothing_declines_what_a_conference_is_called() -> None:
    name = "Runder Tisch Pflege"
    other = DATA.model_copy(update={"conference": DATA.conference.model_copy(update={"name": name})})
    assert f"<h1>Schreiben: {name}</h1>" in gallery(other)


def test_the_page_needs_nothing_else_and_is_the_same_each_time() -> None:
    page = gallery(DATA)
    assert page == gallery(DATA)
    assert page.count("<iframe sandbox ") == len(list(examples(DATA)))
    assert not re.search(r"<script|<img|<link|src=\"|url\(|@import", page)
