"""The login of an operator's command at Kafka, from a profile, the environment or options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from deploy.embedded.data_folder import Refused
from shared.runtime.access import WrongAccess
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.settings import KafkaProtocol

File = Annotated[Path, AfterValidator(Path.expanduser)]


class KafkaLogin(BaseModel):
    """Only the given fields of ``KafkaAccess`` beside its address, under the same names."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    protocol: KafkaProtocol | None = None
    user: str | None = None
    password_file: File | None = None
    ca_file: File | None = None
    certificate_file: File | None = None
    key_file: File | None = None
    unprotected: bool | None = None

    @property
    def said(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


def login_of_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Named like the services' settings: ``KPK_KAFKA_USER`` and so on."""
    named = {name: environment.get(f"KPK_KAFKA_{name.upper()}") for name in KafkaLogin.model_fields}
    return login_of("the environment", {name: value for name, value in named.items() if value})


def login_of(where: str, told: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return KafkaLogin.model_validate(told).said
    except ValidationError as error:
        faults = [f"kafka_{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise Refused(f"{where}: {'; '.join(faults)}") from None


def kafka_at(bootstrap: str, login: Mapping[str, Any], where: str) -> KafkaAccess:
    try:
        return KafkaAccess(bootstrap, **login)
    except WrongAccess as wrong:
        raise Refused(f"{where}: {wrong}") from None
