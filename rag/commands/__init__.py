"""The command line: config, call, render, exit code. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import typer
from typer.main import get_command

from rag.commands import articles, asking, checking, model
from rag.errors import Exit, GroundwireError
from rag.render.safe import one_line

HELP = "Ask a pile of news articles; every sentence of the answer carries an exact quote that you can check."

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
articles.register(app)
asking.register(app)
checking.register(app)
app.add_typer(model.app, name="model")


@app.callback(invoke_without_command=True)
def _front(
    version: bool = typer.Option(False, "--version", help="Show the version and leave.", is_eager=True),
) -> None:
    if version:
        from rag.version import VERSION

        typer.echo(f"groundwire {VERSION}")
        raise typer.Exit


# The base of what Typer raises for a wrong command line; its click is its own, and has no public name.
_CommandLineError = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code: one clear line for what went wrong, never a traceback."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit code. See `rag.errors.Exit`."""
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        code = get_command(app).main(arguments, prog_name="groundwire", standalone_mode=False)
        sys.stdout.flush()
        return int(code or Exit.DONE)
    except GroundwireError as error:
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _failed("interrupted; what was done stays", Exit.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain once more on leaving.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except Exception as error:
        if isinstance(error, _CommandLineError):
            return _misused(error)
        if os.environ.get("GROUNDWIRE_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return _failed(f"{error.strerror}; make room, or check permissions, and run it again", Exit.CANNOT_WRITE)
        kind = type(error).__name__
        return _failed(
            f"a fault of ours: {kind}: {error}; GROUNDWIRE_DEBUG=1 shows where; please report it", Exit.FAULT
        )


_NO_ROOM = {28, 30, 122}
"""ENOSPC, EROFS, EDQUOT."""


def _terminated(signum: int, frame: FrameType | None) -> None:
    print("groundwire: terminated; what was done stays", file=sys.stderr, flush=True)  # noqa: T201
    raise SystemExit(Exit.TERMINATED)


def _misused(error: Exception) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()  # type: ignore[attr-defined]
        return Exit.USAGE
    said = one_line(error.format_message()) if hasattr(error, "format_message") else one_line(str(error))
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "groundwire"
    return _failed(f"{said.rstrip('.')}; see: {command} --help", Exit.USAGE)


def _failed(message: str, code: Exit) -> int:
    print(f"groundwire: {one_line(message)}", file=sys.stderr, flush=True)  # noqa: T201
    return code
