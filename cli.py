"""The front door in a clone: `python cli.py ask "…"` is what `groundwire ask "…"` is when installed."""

import sys

if __name__ == "__main__":
    try:
        from rag.commands import main

        main()
    except KeyboardInterrupt:  # so early that nothing had begun
        sys.exit(130)
