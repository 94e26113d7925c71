"""The login of an operator's command at MongoDB, from a profile or the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from deploy.embedded.data_folder import Refused
from shared.runtime.access import WrongAccess
from shared.runtime.mongo.access import signed_in

File = Annotated[Path, AfterValidator(Path.expanduser)]


class MongoLogin(BaseModel):
    """Only the given fields of ``signed_in`` beside the address, under the same names."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    user: str | None = None
    password_file: File | None = None
    ca_file: File | None = None
    unprotected: bool | None = None

    @property
    def said(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


def mongo_login_of_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Named like the services' settings: ``KPK_MONGO_USER`` and so on."""
    named = {name: environment.get(f"KPK_MONGO_{name.upper()}") for name in MongoLogin.model_fields}
    try:
        return MongoLogin.model_validate({name: value for name, value in named.items() if value}).said
    except ValidationError as error:
        faults = [f"KPK_MONGO_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise Refused(f"the environment: {'; '.join(faults)}") from None


def mongo_at(uri: str, login: Mapping[str, Any], where: str) -> str:
    """The address with its login; unchanged without one."""
    try:
        return signed_in(uri, **login) if login else uri
    except WrongAccess as wrong:
        raise Refused(f"{where}: {wrong}") from None
