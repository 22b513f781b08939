from __future__ import annotations

from uuid import UUID

import pytest

from app.bootstrap.shot import ShotView
from app.bootstrap.shot_catalogue import SHOT_VIEWS
from app.domain.errors import Misconfigured

RUN = "0b9f2c1e-4f5d-4c66-9a39-7d2e5b8c1a00"


@pytest.mark.parametrize("listed", [name for name, _ in SHOT_VIEWS])
def test_every_listed_view_can_be_asked_for(listed: str) -> None:
    view = ShotView.parse(listed.replace("RUN_ID", RUN).replace("BATCH_ID", RUN))
    assert view.name == listed.partition(":")[0]
    assert view.run_id == (UUID(RUN) if ":" in listed else None)


@pytest.mark.parametrize(
    "text", ["", "rnus", "run", "run:", "run:abc", "batch:abc", f"runs:{RUN}", f"RUN:{RUN}", "run:RUN_ID"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        ShotView.parse(text)
