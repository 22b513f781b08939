"""What every screen stands on.

Screens get a :class:`~app.desktop.shell.context.DesktopContext` and use: ``theme`` (looks by role, fonts),
``tokens`` (the only colours), ``state_look`` and ``pill`` (icon, word and colour of a state), ``times`` (durations and
moments in words), ``commands`` (commands as data), ``notifier`` (messages), ``dialogs`` (awaitable dialogs),
``words`` (translation outside of widgets) and ``controls`` (the few house widgets). The window itself is composed by
``session``, drawn by ``main_window`` and ended by ``quitter``.
"""
