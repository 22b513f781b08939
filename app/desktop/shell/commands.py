"""Commands as data, and the book that turns them into actions, buttons and menu entries.

A command's id is the ``objectName`` of every widget and action that carries it out. A disabled command always says
why, in its tooltip and "what's this" text. No command repeats a step, puts a run back into a queue or continues an
ended run: the contract knows no such acts, so nothing here is named after them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from app.desktop.shell.theme import set_role
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate


@dataclass(frozen=True, slots=True)
class Command:
    """One thing an operator can do.

    Attributes:
        command_id: Stable dotted id.
        text: Source text, marked for translation; ends in "…" when a dialog follows.
        tooltip: Source text of the tooltip: what it does.
        shortcuts: Key sequences in Qt's portable form.
        checkable: Whether it is a choice that stays on.
    """

    command_id: str
    text: str
    tooltip: str
    shortcuts: tuple[str, ...] = ()
    checkable: bool = False


COMMANDS: tuple[Command, ...] = (
    Command(
        "runs.search",
        QT_TRANSLATE_NOOP("Commands", "Find runs"),
        QT_TRANSLATE_NOOP("Commands", "Type a run id, the beginning of one, or a correlation key"),
        ("Ctrl+F", "/"),
    ),
    Command(
        "runs.refresh",
        QT_TRANSLATE_NOOP("Commands", "Refresh"),
        QT_TRANSLATE_NOOP("Commands", "Read the list again now; it also refreshes by itself"),
        ("F5",),
    ),
    Command(
        "runs.live",
        QT_TRANSLATE_NOOP("Commands", "Live"),
        QT_TRANSLATE_NOOP("Commands", "Follow what happens; off, the list stands still while you read"),
        checkable=True,
    ),
    Command(
        "runs.start",
        QT_TRANSLATE_NOOP("Commands", "Run a workflow…"),
        QT_TRANSLATE_NOOP("Commands", "Start a new run of a published workflow"),
        ("Ctrl+N",),
    ),
    Command(
        "runs.clear_filters",
        QT_TRANSLATE_NOOP("Commands", "Clear filters"),
        QT_TRANSLATE_NOOP("Commands", "Show all runs of this tenant again"),
        ("Ctrl+Shift+F",),
    ),
    Command(
        "runs.open",
        QT_TRANSLATE_NOOP("Commands", "Open run"),
        QT_TRANSLATE_NOOP("Commands", "Show the selected run and move the keyboard to it"),
    ),
    Command(
        "runs.copy_id",
        QT_TRANSLATE_NOOP("Commands", "Copy run id"),
        QT_TRANSLATE_NOOP("Commands", "Copy the whole id of the selected run"),
    ),
    Command(
        "runs.export",
        QT_TRANSLATE_NOOP("Commands", "Export list…"),
        QT_TRANSLATE_NOOP("Commands", "Save the runs that match the filter as a report, a workbook or a table"),
        ("Ctrl+Shift+X",),
    ),
    Command(
        "stuck.show",
        QT_TRANSLATE_NOOP("Commands", "Show runs in trouble"),
        QT_TRANSLATE_NOOP("Commands", "List the runs that do not go on by themselves, each with its cause"),
        ("Ctrl+Shift+S",),
    ),
    Command(
        "troubles.acknowledge",
        QT_TRANSLATE_NOOP("Commands", "Acknowledge troubles"),
        QT_TRANSLATE_NOOP("Commands", "Hide the runs in trouble that you see now until their cause changes"),
    ),
    Command(
        "troubles.show_acknowledged",
        QT_TRANSLATE_NOOP("Commands", "Show acknowledged"),
        QT_TRANSLATE_NOOP("Commands", "Count and list runs in trouble that were acknowledged, too"),
        checkable=True,
    ),
    Command(
        "run.replay",
        QT_TRANSLATE_NOOP("Commands", "Replay…"),
        QT_TRANSLATE_NOOP("Commands", "Start a new run with this run's payload, as it was or edited"),
        ("Ctrl+R",),
    ),
    Command(
        "run.cancel",
        QT_TRANSLATE_NOOP("Commands", "Cancel run…"),
        QT_TRANSLATE_NOOP("Commands", "End this run; this cannot be undone"),
        ("Ctrl+Del",),
    ),
    Command(
        "run.start_like",
        QT_TRANSLATE_NOOP("Commands", "Start like this…"),
        QT_TRANSLATE_NOOP("Commands", "Start a new run of this workflow with this run's payload; it is no replay"),
        ("Ctrl+Shift+N",),
    ),
    Command(
        "run.export",
        QT_TRANSLATE_NOOP("Commands", "Report…"),
        QT_TRANSLATE_NOOP("Commands", "Save a redacted report of this run as PDF, web page, ticket text or data"),
        ("Ctrl+E",),
    ),
    Command(
        "run.watch",
        QT_TRANSLATE_NOOP("Commands", "Tell me when it ends"),
        QT_TRANSLATE_NOOP("Commands", "Say so, here and on the desktop, when this run has ended"),
        checkable=True,
    ),
    Command(
        "run.copy_diagnosis",
        QT_TRANSLATE_NOOP("Commands", "Copy diagnosis"),
        QT_TRANSLATE_NOOP("Commands", "Copy why this run does not go on, with every fact, as redacted text"),
    ),
    Command(
        "run.compare",
        QT_TRANSLATE_NOOP("Commands", "Compare with…"),
        QT_TRANSLATE_NOOP("Commands", "Lay this run beside another one, step by step"),
        ("Ctrl+D",),
    ),
    Command(
        "compare.next",
        QT_TRANSLATE_NOOP("Commands", "Next difference"),
        QT_TRANSLATE_NOOP("Commands", "Go to the next step at which the runs differ"),
        ("F8",),
    ),
    Command(
        "compare.previous",
        QT_TRANSLATE_NOOP("Commands", "Previous difference"),
        QT_TRANSLATE_NOOP("Commands", "Go to the step before at which the runs differ"),
        ("Shift+F8",),
    ),
    Command(
        "compare.swap",
        QT_TRANSLATE_NOOP("Commands", "Swap"),
        QT_TRANSLATE_NOOP("Commands", "Show the second run as the first"),
    ),
    Command(
        "compare.close",
        QT_TRANSLATE_NOOP("Commands", "Back to the list"),
        QT_TRANSLATE_NOOP("Commands", "Leave the comparison"),
        ("Alt+Left",),
    ),
    Command(
        "fingerprints.show",
        QT_TRANSLATE_NOOP("Commands", "Failures"),
        QT_TRANSLATE_NOOP("Commands", "Show which failures are the same, how often, since when, and which are known"),
        ("Ctrl+Shift+E",),
    ),
    Command(
        "cases.show",
        QT_TRANSLATE_NOOP("Commands", "Cases"),
        QT_TRANSLATE_NOOP("Commands", "Show the cases on this computer"),
        ("Ctrl+Shift+C",),
    ),
    Command(
        "case.new",
        QT_TRANSLATE_NOOP("Commands", "New case"),
        QT_TRANSLATE_NOOP("Commands", "Open a case without runs"),
    ),
    Command(
        "case.remove",
        QT_TRANSLATE_NOOP("Commands", "Remove case"),
        QT_TRANSLATE_NOOP("Commands", "Remove the case that is shown; this can be undone"),
    ),
    Command(
        "case.add_run",
        QT_TRANSLATE_NOOP("Commands", "Add run to case…"),
        QT_TRANSLATE_NOOP("Commands", "Add the run that is shown to a case, or open a case with it"),
        ("Ctrl+Shift+D",),
    ),
    Command(
        "case.add_selected",
        QT_TRANSLATE_NOOP("Commands", "Add selected runs to case…"),
        QT_TRANSLATE_NOOP("Commands", "Add the runs that are selected in the list to a case"),
    ),
    Command(
        "case.add_comparison",
        QT_TRANSLATE_NOOP("Commands", "Add to case…"),
        QT_TRANSLATE_NOOP("Commands", "Add this comparison to a case"),
    ),
    Command(
        "intents.show",
        QT_TRANSLATE_NOOP("Commands", "Unfinished actions…"),
        QT_TRANSLATE_NOOP("Commands", "Show what a crash or an outage left half done, and complete what is missing"),
    ),
    Command(
        "batch.select_all",
        QT_TRANSLATE_NOOP("Commands", "Select all that match"),
        QT_TRANSLATE_NOOP(
            "Commands", "Act on everything that matches the filter, not only on the rows that are loaded"
        ),
        ("Ctrl+Shift+A",),
    ),
    Command(
        "batch.clear",
        QT_TRANSLATE_NOOP("Commands", "Clear selection"),
        QT_TRANSLATE_NOOP("Commands", "Select no run (Esc in the list)"),
    ),
    Command(
        "batch.replay",
        QT_TRANSLATE_NOOP("Commands", "Replay selected runs…"),
        QT_TRANSLATE_NOOP(
            "Commands", "Plan a replay of every selected run; nothing is sent before you have seen the plan"
        ),
        ("Ctrl+Shift+R",),
    ),
    Command(
        "batch.cancel",
        QT_TRANSLATE_NOOP("Commands", "Cancel selected runs…"),
        QT_TRANSLATE_NOOP(
            "Commands", "Plan to cancel every selected run; nothing is sent before you have seen the plan"
        ),
        ("Ctrl+Shift+Del",),
    ),
    Command(
        "batch.show",
        QT_TRANSLATE_NOOP("Commands", "Batches"),
        QT_TRANSLATE_NOOP("Commands", "Show what was done to many runs at once, and how each of them ended"),
        ("Ctrl+B",),
    ),
    Command(
        "batch.start",
        QT_TRANSLATE_NOOP("Commands", "Start batch"),
        QT_TRANSLATE_NOOP("Commands", "Do what the plan says"),
    ),
    Command(
        "batch.pause",
        QT_TRANSLATE_NOOP("Commands", "Pause batch"),
        QT_TRANSLATE_NOOP("Commands", "Send nothing more for now; what is under way comes to its end"),
    ),
    Command(
        "batch.resume",
        QT_TRANSLATE_NOOP("Commands", "Resume batch"),
        QT_TRANSLATE_NOOP("Commands", "Go on with what has not been sent; nothing is sent twice"),
    ),
    Command(
        "batch.abort",
        QT_TRANSLATE_NOOP("Commands", "Abort batch…"),
        QT_TRANSLATE_NOOP("Commands", "End the batch for good; what was sent stays"),
    ),
    Command(
        "batch.replan",
        QT_TRANSLATE_NOOP("Commands", "Plan again…"),
        QT_TRANSLATE_NOOP("Commands", "Judge the same runs again, with another patch or another name if you like"),
    ),
    Command(
        "batch.export",
        QT_TRANSLATE_NOOP("Commands", "Ledger…"),
        QT_TRANSLATE_NOOP("Commands", "Save what became of every run of the batch as CSV or JSON"),
    ),
    Command(
        "quota.resume",
        QT_TRANSLATE_NOOP("Commands", "Resume quota pause…"),
        QT_TRANSLATE_NOOP("Commands", "Let a run go on that pauses because the step quota was used up"),
    ),
    Command(
        "repair.complete-launch",
        QT_TRANSLATE_NOOP("Commands", "Complete launch…"),
        QT_TRANSLATE_NOOP("Commands", "Start the execution of a run that was recorded and never started"),
    ),
    Command(
        "repair.fail-launch",
        QT_TRANSLATE_NOOP("Commands", "Mark as failed launch…"),
        QT_TRANSLATE_NOOP("Commands", "Write FAILED on a run whose execution was never started"),
    ),
    Command(
        "repair.project-close",
        QT_TRANSLATE_NOOP("Commands", "Take over the execution's end…"),
        QT_TRANSLATE_NOOP("Commands", "Give the rows the end of an execution that has closed; needs the repair mode"),
    ),
    Command(
        "repair.release-human-task",
        QT_TRANSLATE_NOOP("Commands", "Release human task…"),
        QT_TRANSLATE_NOOP("Commands", "Answer the task that the run waits for"),
    ),
    Command(
        "repair.deliver-event",
        QT_TRANSLATE_NOOP("Commands", "Deliver event…"),
        QT_TRANSLATE_NOOP("Commands", "Send a missed event to this run alone; needs the repair mode"),
    ),
    Command(
        "repair.mode",
        QT_TRANSLATE_NOOP("Commands", "Repair mode"),
        QT_TRANSLATE_NOOP("Commands", "Allow the repairs that write what only the engine else writes"),
        checkable=True,
    ),
    Command(
        "stranded.finalize",
        QT_TRANSLATE_NOOP("Commands", "Stranded runs…"),
        QT_TRANSLATE_NOOP("Commands", "List the rows that the removed engine left active, and finalize them"),
    ),
    Command(
        "health.show",
        QT_TRANSLATE_NOOP("Commands", "Environment check…"),
        QT_TRANSLATE_NOOP("Commands", "Check servers, rights, workers and this computer"),
        ("Ctrl+Shift+H",),
    ),
    Command(
        "view.theme.light",
        QT_TRANSLATE_NOOP("Commands", "Light"),
        QT_TRANSLATE_NOOP("Commands", "Dark text on light surfaces"),
        checkable=True,
    ),
    Command(
        "view.theme.dark",
        QT_TRANSLATE_NOOP("Commands", "Dark"),
        QT_TRANSLATE_NOOP("Commands", "Light text on dark surfaces"),
        checkable=True,
    ),
    Command(
        "view.theme.system",
        QT_TRANSLATE_NOOP("Commands", "As the system"),
        QT_TRANSLATE_NOOP("Commands", "Light or dark, whichever the system uses"),
        checkable=True,
    ),
    Command(
        "view.theme.toggle",
        QT_TRANSLATE_NOOP("Commands", "Switch light and dark"),
        QT_TRANSLATE_NOOP("Commands", "Change between the light and the dark look"),
        ("Ctrl+Shift+L",),
    ),
    Command(
        "view.density.comfortable",
        QT_TRANSLATE_NOOP("Commands", "Comfortable rows"),
        QT_TRANSLATE_NOOP("Commands", "Rows with more room"),
        checkable=True,
    ),
    Command(
        "view.density.compact",
        QT_TRANSLATE_NOOP("Commands", "Compact rows"),
        QT_TRANSLATE_NOOP("Commands", "More runs on the screen"),
        checkable=True,
    ),
    Command(
        "view.reduced_motion",
        QT_TRANSLATE_NOOP("Commands", "Reduce motion"),
        QT_TRANSLATE_NOOP("Commands", "Show changed rows without fading"),
        checkable=True,
    ),
    Command(
        "view.notifications",
        QT_TRANSLATE_NOOP("Commands", "Desktop notifications"),
        QT_TRANSLATE_NOOP("Commands", "Tell new causes of trouble and ended runs on the desktop, also while hidden"),
        checkable=True,
    ),
    # A language is named in itself, so that whoever cannot read the others finds it.
    Command("view.language.en", "English", QT_TRANSLATE_NOOP("Commands", "Show Rundesk in English"), checkable=True),
    Command("view.language.de", "Deutsch", QT_TRANSLATE_NOOP("Commands", "Show Rundesk in German"), checkable=True),
    Command(
        "app.quit",
        QT_TRANSLATE_NOOP("Commands", "Quit"),
        QT_TRANSLATE_NOOP("Commands", "Close Rundesk; what it started itself is stopped"),
        ("Ctrl+Q",),
    ),
)


class CommandBook(QObject):
    """The QAction of every command, with what it does and whether it can be done now.

    Actions are made once; buttons and menus made from them follow their text, state and explanation.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands = {command.command_id: command for command in COMMANDS}
        self._actions = {command.command_id: self._make(command) for command in COMMANDS}
        self._reasons: dict[str, str] = {}
        self._handlers: dict[str, Callable[[], None]] = {}
        self.retranslate()

    def __iter__(self) -> Iterator[Command]:
        """Go through the commands as declared."""
        return iter(self._commands.values())

    def action(self, command_id: str) -> QAction:
        """Return the command's action; add it to a menu or a window."""
        return self._actions[command_id]

    def bind(self, command_id: str, handler: Callable[[], None]) -> None:
        """Let ``handler`` (a plain function without arguments) carry the command out, replacing an earlier one."""
        self._handlers[command_id] = handler

    def run(self, command_id: str) -> None:
        """Carry the command out if it can be done now."""
        action = self._actions[command_id]
        if action.isEnabled():
            action.trigger()

    def set_allowed(self, command_id: str, reason: str | None) -> None:
        """Allow the command when ``reason`` is None, else disable it and say why: one translated sentence."""
        if reason is None:
            self._reasons.pop(command_id, None)
        else:
            self._reasons[command_id] = reason
        self._actions[command_id].setEnabled(reason is None)
        self._describe(self._commands[command_id])

    def reason(self, command_id: str) -> str | None:
        """Return why the command cannot be used now, or None."""
        return self._reasons.get(command_id)

    def button(
        self, command_id: str, parent: QWidget | None = None, *, role: str = "", name: str = ""
    ) -> CommandButton:
        """Return a push button for the command.

        Args:
            command_id: What it does; also its object name.
            parent: Its parent widget.
            role: Its look; "primary" at most once on a surface.
            name: Another object name, for a second button of the same command in the same window.
        """
        button = CommandButton(self._actions[command_id], parent)
        button.setObjectName(name or command_id)
        if role:
            set_role(button, role)
        return button

    def retranslate(self) -> None:
        """Put every text in the current language; the window calls it when the language changes."""
        for command in self._commands.values():
            self._describe(command)

    def _make(self, command: Command) -> QAction:
        action = QAction(self)
        action.setObjectName(command.command_id)
        action.setCheckable(command.checkable)
        action.setShortcuts([QKeySequence(keys) for keys in command.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        command_id = command.command_id
        action.triggered.connect(lambda _checked=False: self._run(command_id))
        return action

    def _run(self, command_id: str) -> None:
        handler = self._handlers.get(command_id)
        if handler is not None:
            handler()

    def _describe(self, command: Command) -> None:
        action = self._actions[command.command_id]
        action.setText(translate("Commands", command.text))
        tooltip = translate("Commands", command.tooltip)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        reason = self._reasons.get(command.command_id)
        action.setToolTip(reason or (f"{tooltip} ({keys})" if keys else tooltip))
        action.setWhatsThis(reason or tooltip)
        action.setStatusTip("")


class CommandButton(QPushButton):
    """A push button that follows a command's action. Its text may be replaced by a shorter one."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self._own_text = ""
        self.setAutoDefault(False)
        self.setCheckable(action.isCheckable())
        action.changed.connect(self._follow)
        self.clicked.connect(self._clicked)
        self._follow()

    def set_text(self, text: str) -> None:
        """Show ``text`` instead of the command's own, which stays the accessible name."""
        self._own_text = text
        self._follow()

    def _follow(self) -> None:
        self.setText(self._own_text or self._action.text())
        self.setEnabled(self._action.isEnabled())
        self.setChecked(self._action.isChecked())
        self.setToolTip(self._action.toolTip())
        self.setWhatsThis(self._action.whatsThis())
        self.setAccessibleName(self._action.text().rstrip("…"))
        self.setAccessibleDescription(self._action.whatsThis())

    def _clicked(self) -> None:
        self._action.trigger()
