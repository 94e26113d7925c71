"""The declarations of all services."""

from importlib import import_module

from deploy.embedded.data_folder import Refused
from shared.contracts.topics import SERVICES
from shared.declarations.service import Service


def service_called(name: str) -> Service:
    if name not in SERVICES:
        raise Refused(f"there is no service {name}: name one of {', '.join(SERVICES)}")
    service: Service = import_module(f"services.{name}.service").SERVICE
    return service
