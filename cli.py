"""The front door in a clone: `python cli.py ask "…"` is what `groundwire ask "…"` is when installed."""

from rag.commands import main

if __name__ == "__main__":
    main()
