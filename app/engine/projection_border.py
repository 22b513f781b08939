"""The border of an activity: which errors Temporal may repeat and which end the matter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from temporalio.exceptions import ApplicationError

from app.domain.errors import DatabaseUnavailable, RundeskError
from app.domain.run import RunKey
from app.engine.failures import INTERNAL_ERROR, Category, StepFailure
from app.engine.messages import RunReference


def key_of(run: RunReference) -> RunKey:
    """Return the run's identity for the projection."""
    return RunKey(None if run.tenant is None else UUID(run.tenant), UUID(run.run_id))


@contextmanager
def definite_failures() -> Iterator[None]:
    """Let Temporal repeat an activity only while the database is unavailable; anything else fails it for good."""
    try:
        yield
    except DatabaseUnavailable as error:
        raise ApplicationError(error.message, type="DatabaseUnavailable") from error
    except RundeskError as error:
        raise StepFailure(Category.TRANSIENT, error.message, error.code).as_application_error() from error
    except StepFailure as failure:
        # Without the cause: what an action raised may hold secrets, and causes are stored in the history (F41).
        raise failure.as_application_error() from None
    except ApplicationError:
        raise
    except Exception as bug:  # a fault of ours must end the run with its true text, not be repeated for ever
        message = f"The projection failed: {type(bug).__name__}: {bug}"
        raise StepFailure(Category.CORRUPTION, message, INTERNAL_ERROR).as_application_error() from bug
