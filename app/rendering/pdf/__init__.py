"""The report as PDF: its own small layout on a drawing surface that knows no markup, so that data cannot become any."""
