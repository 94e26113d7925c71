"""Settings of personal links: their address, and the keys that sign them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from shared.kernel.personal_links import LinkKeys
from shared.runtime.settings import ServiceSettings

Address = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._/-]*)?$")]


class LinkSettings(ServiceSettings):
    """Both, or neither: then mails have no links, and there are no pages for answers."""

    answers_url: Address | None = None
    """The address of ``/answers`` from outside: the only one that is meant for recipients."""
    answers_keys_file: Annotated[Path | None, Field(validate_default=True)] = None
    """One key on each line: the first signs, a second one is still accepted while keys are replaced."""

    @field_validator("answers_keys_file")
    @classmethod
    def _has_keys(cls, file: Path | None, known: ValidationInfo) -> Path | None:
        if (file is None) != (known.data.get("answers_url") is None):
            raise ValueError("KPK_ANSWERS_URL and KPK_ANSWERS_KEYS_FILE go together: set both or neither")
        if file is not None:
            _keys_in(file)
        return file

    def link_keys(self) -> LinkKeys | None:
        return _keys_in(self.answers_keys_file) if self.answers_keys_file else None


def _keys_in(file: Path) -> LinkKeys:
    """Raises ``ValueError``: a service that cannot read its keys does not start."""
    try:
        return LinkKeys(tuple(line.encode() for line in file.read_text().split()))
    except OSError as error:
        raise ValueError(f"the file of keys cannot be read: {error.strerror}") from None
