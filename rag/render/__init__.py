"""An answer for its reader: the terminal, JSON, Markdown."""
