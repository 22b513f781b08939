"""One module per data command; each has ``run(session, arguments) -> Answer``."""
