"""What `kpk` shows in a table is what the cell says, whatever a terminal's library would make of it."""

from __future__ import annotations

import pytest

from deploy.kpk.tables import show_texts


@pytest.mark.parametrize(
    "text", ["token:on:call", ":warning:", "[red]no[/red]", "[/]", "[link=https://x.example]y[/link]", "\\[b]", "100 %"]
)
def test_a_cell_shows_what_it_says(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_texts(("by", "reason"), [(text, "x")])
    assert text in capsys.readouterr().out
