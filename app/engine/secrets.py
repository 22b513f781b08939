"""Where the values of ``{"$secret": NAME}`` come from, and how they are kept out of everything that is stored."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from app.domain.placeholders import SECRET_REDACTED
from app.engine.failures import Category, StepFailure

ENVIRONMENT_PREFIX = "RUNDESK_SECRET_"
_USABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SecretSource(Protocol):
    """Gives a tenant's secrets."""

    async def value(self, tenant: UUID | None, name: str) -> str | None:
        """Return a secret, or None when the tenant has none of this name."""


@dataclass(frozen=True, slots=True)
class EnvironmentSecrets:
    """Secrets of the worker's environment, ``RUNDESK_SECRET_<NAME>``, the same for every tenant."""

    environment: Mapping[str, str]

    @classmethod
    def of_process(cls) -> EnvironmentSecrets:
        """Return the secrets of this process."""
        return cls(os.environ)

    async def value(self, tenant: UUID | None, name: str) -> str | None:
        """Return the variable of this name, or None."""
        if _USABLE_NAME.fullmatch(name) is None:
            return None
        return self.environment.get(ENVIRONMENT_PREFIX + name.upper())


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """An action's input for the handler, the same for storage, and the secret values in it."""

    for_handler: Any
    for_storage: Any
    secrets: tuple[str, ...]

    def without_secrets(self, text: str) -> str:
        """Return a text in which the secrets are replaced, for messages that an action wrote."""
        for secret in self.secrets:
            text = text.replace(secret, SECRET_REDACTED)
        return text

    def scrubbed(self, value: Any) -> Any:
        """Return a JSON value in which the secrets are replaced, keys included."""
        if isinstance(value, dict):
            return {self.without_secrets(key): self.scrubbed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.scrubbed(item) for item in value]
        return self.without_secrets(value) if isinstance(value, str) else value


async def resolve_secrets(source: SecretSource, tenant: UUID | None, value: Any) -> ResolvedInput:
    """Replace every ``{"$secret": NAME}`` of an input.

    Raises:
        StepFailure: A secret does not exist; category ValidationError.
    """
    found: dict[str, str] = {}
    for name in sorted(set(_names(value))):
        secret = await source.value(tenant, name)
        if secret is None:
            raise StepFailure(Category.VALIDATION, f"The secret {name} does not exist", "SECRET_NOT_FOUND")
        found[name] = secret
    values = tuple(sorted((secret for secret in found.values() if secret), key=len, reverse=True))
    masks = dict.fromkeys(found, SECRET_REDACTED)
    return ResolvedInput(_replaced(value, found), _replaced(value, masks), values)


def _names(value: Any) -> list[str]:
    if _is_reference(value):
        return [value["$secret"]]
    if isinstance(value, (dict, list)):
        members = value.values() if isinstance(value, dict) else value
        return [name for member in members for name in _names(member)]
    return []


def _replaced(value: Any, by_name: Mapping[str, str]) -> Any:
    if _is_reference(value):
        return by_name[value["$secret"]]
    if isinstance(value, dict):
        return {key: _replaced(item, by_name) for key, item in value.items()}
    return [_replaced(item, by_name) for item in value] if isinstance(value, list) else value


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"$secret"} and isinstance(value["$secret"], str)
