"""The actions that ``action.call`` can execute: a small set as an MSP would use it, and some that misbehave."""

from __future__ import annotations

from app.engine.actions.demo_actions import DEMO_ACTIONS
from app.engine.actions.desk_actions import DESK_ACTIONS
from app.engine.actions.email_actions import EMAIL_ACTIONS
from app.engine.actions.registry import Action, ActionContext, ActionRegistry
from app.engine.actions.store_actions import STORE_ACTIONS
from app.engine.actions.text_actions import TEXT_ACTIONS

DEFAULT_ACTIONS = ActionRegistry((*DESK_ACTIONS, *STORE_ACTIONS, *TEXT_ACTIONS, *EMAIL_ACTIONS, *DEMO_ACTIONS))
"""What a worker executes unless it is built with a registry of its own."""

__all__ = ["DEFAULT_ACTIONS", "Action", "ActionContext", "ActionRegistry"]
