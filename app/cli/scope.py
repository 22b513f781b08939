"""Which tenant, which run and which operator a command means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from app.domain.errors import Misconfigured, NotFound, NotPermitted
from app.domain.run import RunKey
from app.domain.run_query import RunFilter

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from app.cli.rooms import Session
    from app.domain.operator import Operator
    from app.domain.run_query import TenantChoice, WorkflowChoice


async def tenant_of(session: Session) -> UUID | None:
    """Return the tenant in force: the one named, else the only one. None is the pseudo-tenant "unassigned".

    Raises:
        Misconfigured: none of that name, or several and none named.
    """
    choices = await session.console.browse.tenants()
    if session.tenant is not None:
        return _named_tenant(choices, session.tenant)
    if len(choices) == 1:
        return choices[0].tenant
    if not choices:
        raise Misconfigured("tenant.none", "This database holds no tenant, so there is nothing to show.")
    names = [choice.name for choice in choices]
    raise Misconfigured(
        "tenant.several", f"Several tenants exist. Name one with --tenant: {', '.join(names)}.", tenants=names
    )


async def key_of(session: Session, run_id: UUID) -> RunKey:
    """Return the key of a run: in the tenant named, else in the only tenant that has this id.

    Raises:
        NotFound: no such run.
        Misconfigured: several tenants have it and none is named.
    """
    if session.tenant is not None:
        return RunKey(await tenant_of(session), run_id)
    keys = await session.console.browse.locate(run_id)
    if len(keys) == 1:
        return keys[0]
    if not keys:
        raise NotFound("run.not_found", f"There is no run {run_id}.", run_id=str(run_id))
    raise Misconfigured("tenant.several", f"Several tenants have a run {run_id}. Name one with --tenant.")


async def workflow_of(session: Session, tenant: UUID | None, name: str) -> UUID:
    """Return the workflow with this id or exact name.

    Raises:
        NotFound: none in this tenant.
        Misconfigured: several share the name.
    """
    matches = [choice for choice in await session.console.browse.workflows(tenant) if _is_called(choice, name)]
    if len(matches) == 1:
        return matches[0].workflow_id
    if not matches:
        raise NotFound("workflow.not_found", f"This tenant has no workflow {name}.", workflow=name)
    ids = [str(choice.workflow_id) for choice in matches]
    raise Misconfigured("workflow.several", f"Several workflows are called {name}. Give an id: {', '.join(ids)}.")


async def filter_of(session: Session, tenant: UUID | None, arguments: Namespace) -> RunFilter:
    """Return the filter that the options of :func:`app.cli.arguments.add_filters` describe.

    Raises:
        NotFound: no workflow of that name.
    """
    workflow = arguments.workflow
    return RunFilter(
        statuses=tuple(arguments.status),
        workflow_id=None if workflow is None else await workflow_of(session, tenant, workflow),
        text=arguments.text,
        started_from=arguments.started_from,
        started_to=arguments.started_to,
        stuck_only=arguments.stuck,
    )


async def operator_of(session: Session, tenant: UUID | None) -> Operator:
    """Return who acts.

    Raises:
        Misconfigured: nobody is named, or nobody active is known by that name.
        NotPermitted: the database login does not prove who it is and the profile demands that.
    """
    named = require_named_operator(session)
    if tenant is None:
        raise NotPermitted(
            "run.unassigned", "Runs without a tenant can be looked at, not acted upon: nobody holds rights there."
        )
    try:
        operator = await session.console.operators.find(tenant, named)
    except NotFound as error:
        raise Misconfigured(error.code, error.message, **error.params) from error
    if not operator.verified and not session.unverified_may_act:
        raise NotPermitted(
            "operator.unverified",
            f"The database login does not prove that you are {operator.display_name}, and this profile lets only "
            "proven operators act. Set unverified_operator_may_act in the profile to allow it.",
            operator=operator.display_name,
        )
    return operator


async def viewer_of(session: Session, tenant: UUID | None) -> Operator | None:
    """Return who looks, or None with the least rights: nobody is named, known here, or proven where that is demanded.

    Looking is never refused for that; what is hidden then says so.
    """
    if session.operator is None or tenant is None:
        return None
    try:
        return await operator_of(session, tenant)
    except (Misconfigured, NotPermitted):
        return None


def require_named_operator(session: Session) -> str:
    """Return the name of who acts as typed or configured; :class:`Misconfigured` when nobody is named."""
    if session.operator is None:
        raise Misconfigured(
            "operator.missing",
            "Nobody is named to act. Give --operator (user id or e-mail), set RUNDESK_OPERATOR, or save one in the "
            "profile.",
        )
    return session.operator


def read_text(name: str | None) -> str | None:
    """Return the text of a payload file, of standard input for ``-``, or None when no file is named.

    Raises:
        Misconfigured: the file cannot be read or is not UTF-8.
    """
    if name is None:
        return None
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise Misconfigured("payload.file", f"The payload file {name} cannot be read: {reason}.", path=name) from error
    except UnicodeDecodeError as error:
        raise Misconfigured("payload.file", f"The payload file {name} is not UTF-8 text.", path=name) from error


def _named_tenant(choices: Iterable[TenantChoice], name: str) -> UUID | None:
    matches = [choice for choice in choices if name == choice.name or name.lower() == str(choice.tenant)]
    if len(matches) == 1:
        return matches[0].tenant
    if not matches:
        raise Misconfigured("tenant.unknown", f"There is no tenant {name}.", tenant=name)
    ids = [str(choice.tenant) for choice in matches]
    raise Misconfigured("tenant.several", f"Several tenants are called {name}. Give an id: {', '.join(ids)}.")


def _is_called(choice: WorkflowChoice, name: str) -> bool:
    return name == choice.name or name.lower() == str(choice.workflow_id)
