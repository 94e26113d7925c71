"""Calling a service over HTTP, as one of the callers in the file of tokens."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded.data_folder import Refused
from deploy.embedded.state import Where
from deploy.embedded.token_file import token_in
from deploy.kpk.installation import again
from shared.contracts.topics import SERVICES

SECONDS = 30.0
PATIENCE = 30.0


class Problem(Refused):
    """The service's own refusal (RFC 9457), in its German sentence."""


class NotNow(Problem):
    """503: the same may succeed in ``retry_after`` seconds (RFC 9110, 10.2.3)."""

    def __init__(self, sentence: str, retry_after: float) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Called:
    told: dict[str, Any]
    replayed: bool


def call(
    where: Where,
    service: str,
    method: str,
    path: str,
    caller: str = "admin",
    body: object = None,
    key: str | None = None,
    seconds: float = SECONDS,
) -> Called:
    """Raises ``Problem`` for a service's refusal, and ``Refused`` if it does not answer."""
    answer = ask(where, service, method, path, caller, key, seconds, **({} if body is None else {"json": body}))
    return Called(_json(answer), answer.headers.get("Idempotent-Replayed") == "true")


def call_until_ready(where: Where, service: str, path: str, body: object, seconds: float = SECONDS) -> dict[str, Any]:
    """``POST`` of a repeatable request: it repeats for a while as long as the service is not ready."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return call(where, service, "POST", path, body=body, seconds=seconds).told
        except NotNow as refused:
            if time.monotonic() + refused.retry_after > ends:
                raise
            time.sleep(refused.retry_after)


def items_of(where: Where, service: str | None, path: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a service's list, or each named one."""
    names = [service] if service else list(where.services)
    return {name: call(where, name, "GET", path).told["items"] for name in names}


def ask(
    where: Where,
    service: str,
    method: str,
    path: str,
    caller: str,
    key: str | None,
    seconds: float,
    **content: Any,
) -> httpx.Response:
    """The whole answer of a service that agreed. Raises as ``call`` does."""
    headers = {"Authorization": f"Bearer {token_in(Path(where.tokens_file), caller)}", **content.pop("headers", {})}
    if key is not None:
        headers["Idempotency-Key"] = key
    with httpx.Client(base_url=url_of(where, service), trust_env=False, timeout=seconds) as client:
        try:
            answer = client.request(method, path, headers=headers, **content)
        except httpx.TransportError as failure:
            silent = f"{service} does not answer ({type(failure).__name__})"
            raise Refused(f"{silent}. See: kpk status{again(where)}") from None
    if not answer.is_success:
        raise _problem(answer)
    return answer


def _problem(answer: httpx.Response) -> Problem:
    sentence = sentence_of_problem(answer.status_code, _json(answer))
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return NotNow(sentence, float(answer.headers.get("Retry-After", 1)))
    return Problem(sentence)


def url_of(where: Where, service: str) -> str:
    if service in where.services:
        return where.services[service]
    if service in SERVICES:
        raise Refused(f"nobody says where {service} is: say --url {service}=http://HOST:PORT, or put it in a profile")
    raise Refused(f"there is no service {service}: name one of {', '.join(where.services or SERVICES)}")


def sentence_of_problem(status: int, problem: dict[str, Any]) -> str:
    fields = [f"{fault.get('field')}: {fault.get('detail')}" for fault in problem.get("fields", [])]
    fields += [
        f"{row.get('row')}: {row.get('detail')}" for row in problem.get("rows", []) if row.get("outcome") == "refused"
    ]
    sentence = str(problem.get("detail", "the service refuses"))
    return "\n  ".join([f"{sentence} ({problem.get('type', 'problem')}, {status})", *fields])


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
