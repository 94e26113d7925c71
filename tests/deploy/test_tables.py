"""What `kpk` shows in a table is what the cell says, whatever a terminal's library would make of it."""

from __future__ import annotations

import pytest

from deploy.kpk.tables import console, service_table, show_texts, subscriber_table


@pytest.mark.parametrize(
    "text", ["token:on:call", ":warning:", "[red]no[/red]", "[/]", "[link=https://x.example]y[/link]", "\\[b]", "100 %"]
)
def test_a_cell_shows_what_it_says(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_texts(("by", "reason"), [(text, "x")])
    assert text in capsys.readouterr().out


def test_a_group_of_another_system_is_shown_as_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    console.print(subscriber_table({"reader[red]": 3}))
    assert "reader[red]" in capsys.readouterr().out


def test_a_fault_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    console.print(service_table({"members": {"error": "timeout"}, "funding": {"ready": False}}))
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["members", "no"],
        ["funding", "no"],
    ]
