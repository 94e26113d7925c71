"""Documents are for reading: they lead to what is there, and nothing that a run writes in bulk lies among them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/*.md")])
"""Not the changelog: it may speak of what has gone since."""
LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:deploy|docs|services|shared|tests)/[\w./-]+)`")


SAMPLES = ROOT / "docs" / "subscribers"
PICTURES = ROOT / "docs" / "desk"
"""Programs, to be copied."""


def test_documents_are_text_and_no_reports() -> None:
    files = [file for file in ROOT.glob("docs/**/*") if file.is_file() and "__pycache__" not in file.parts]
    assert {file.suffix for file in files if SAMPLES not in file.parents and PICTURES not in file.parents} == {".md"}
    assert {file.suffix for file in files if PICTURES in file.parents} == {".png"}
    assert {file.suffix for file in files if SAMPLES in file.parents} == {
        ".md",
        ".py",
        ".mjs",
        ".json",
        ".java",
        ".sha256",
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_a_document_links_to_or_names_is_there(document: Path) -> None:
    text = document.read_text()
    led_to = [document.parent / link for link in LINK.findall(text)] + [ROOT / name for name in NAMED.findall(text)]
    assert [str(file) for file in led_to if not file.exists()] == []


@pytest.mark.parametrize("what", ["Upgrade", "One service down", "A second worker", "Adding disk", "Backup"])
def test_the_page_for_operators_has_a_chapter_of_what_they_must_do_without_us(what: str) -> None:
    """With the commands, to be typed as they stand."""
    _, _, chapter = (ROOT / "docs" / "operations.md").read_text().partition(f"\n## {what}\n")
    assert re.search(r"```|`(?:kpk|make|docker) ", chapter.partition("\n## ")[0])
