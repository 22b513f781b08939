"""What happens to a running batch when the window closes, asked before it does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QWidget

from app.desktop.batch.words import stand_text
from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme
from app.domain.batch_ledger import BatchProgress


class ClosingDialog(ActionDialog):
    """Confirming pauses the batches and closes; anything else keeps the window open.

    Args:
        theme: Colours and fonts.
        batches: What this window runs.
        parent: The window.
    """

    def __init__(self, theme: Theme, batches: Sequence[BatchProgress], parent: QWidget) -> None:
        super().__init__(theme, "closing", parent)
        self.setMinimumWidth(460)
        self.set_heading(self.tr("%n batch(es) still run", "", len(batches)), "", "")
        for batch in batches:
            line = self.tr("{name}: {stand}").format(name=batch.name, stand=stand_text(batch))
            self.body.addWidget(text_label(line, "strong"))
        meaning = text_label(
            self.tr(
                "Closing pauses them in order: what is being sent is brought to its end, and nothing more is sent. "
                "Runs that were started go on without Rundesk. The journal on this computer keeps what was sent; "
                "resume the batch when you open Rundesk again, and nothing is sent twice."
            )
        )
        meaning.setWordWrap(True)
        self.body.addWidget(meaning)
        self.close_button.setText(self.tr("Keep working"))
        self.close_button.setAccessibleName(self.close_button.text())
        self.set_confirm(self.tr("Pause and close"), None)
        self.confirmed.connect(lambda: self.done(QDialog.DialogCode.Accepted))
