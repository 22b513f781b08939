"""Who acts, and with which rights (database.md section 8, rulings.md "Who acts")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.errors import NotPermitted


class Right(StrEnum):
    """Actions on resource ``workflow`` and which of them satisfy each need."""

    READ = "read"
    VIEW = "view"
    MANAGE = "manage"
    PUBLISH = "publish"
    ADMIN = "admin"


SATISFIED_BY: dict[Right, frozenset[str]] = {
    Right.READ: frozenset({Right.READ, Right.VIEW, Right.MANAGE, Right.ADMIN}),
    Right.MANAGE: frozenset({Right.MANAGE, Right.ADMIN}),
    Right.PUBLISH: frozenset({Right.PUBLISH, Right.ADMIN}),
    Right.ADMIN: frozenset({Right.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """A user of the tenant who acts through the console.

    ``verified`` is True only when the database login proves who the user is; audit rows record it.
    """

    tenant: UUID
    user_id: UUID
    display_name: str
    email: str
    roles: tuple[str, ...]
    rights: frozenset[str]
    verified: bool = False

    def may(self, need: Right) -> bool:
        """Say whether the operator's rights satisfy the need."""
        return bool(self.rights & SATISFIED_BY[need])

    def require(self, need: Right, action: str) -> None:
        """Raise :class:`NotPermitted` naming the missing right unless the operator has it."""
        if not self.may(need):
            raise NotPermitted(
                "operator.not_permitted",
                f"{self.display_name} may not {action}: the right workflow:{need} is missing. "
                "Ask an administrator of this tenant to grant it.",
                operator=self.display_name,
                action=action,
                right=str(need),
            )
