"""The rules our engine runs by, under a name of their own.

The product stamps ``2026-04-08.temporal-native.v1`` on its rows. Our engine corrects the faults of class L listed in
``runtime.md`` section 10, which changes the outcome of some published definitions; every row it executes therefore
carries this literal instead, written by the load activity, so that a row tells which rules produced it.
"""

from __future__ import annotations

SEMANTICS_VERSION = "2026-11-23.rundesk.v1"
"""Value of ``workflow_runs.runtime_semantics_version`` for every run this engine executes."""

CONTINUE_AS_NEW_STEPS = 250
"""Counted steps after which an execution continues as new; the server may suggest it earlier (history size)."""
