"""The command line: config, call, render, exit code. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import errno
import os
import signal
import sys
from contextlib import suppress
from types import FrameType

import typer
from typer.main import get_command

from rag.commands import articles, asking, checking, citing, claims, evaluating, keeping, looking, model
from rag.errors import Exit, GroundwireError
from rag.render.safe import one_line

HELP = "Ask a pile of news articles; every sentence of the answer carries an exact quote that you can check."

EPILOG = """\b
Begin with:  groundwire add FOLDER
then:        groundwire ask "Who denied the attack?"

Exit codes: 0 done, 1 a fault of ours, 2 bad usage, 3 the articles do not answer, 4 nothing indexed or no such article,
5 a proof failed, 6 another process is writing, 7 some inputs were skipped, 8 cannot write, 130 and 143 interrupted.
Results go to standard output, everything else to standard error.
"""

app = typer.Typer(
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: a third of the time, and the same in a pipe and in the docs
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
articles.register(app)
asking.register(app)
checking.register(app)
claims.register(app)
citing.register(app)
evaluating.register(app)
keeping.register(app)
looking.register(app)
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
    _open_streams()
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit code. See `rag.errors.Exit`."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        code = _carried_out(sys.argv[1:] if arguments is None else arguments)
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()  # the answer was given, whoever read it
        return code
    except (GroundwireError, _Terminated, KeyboardInterrupt) as error:
        return _stopped(error) or _failed(str(error), getattr(error, "exit_code", Exit.FAULT))
    except BrokenPipeError:
        _drop_output()  # whoever read it has seen enough
        return Exit.DONE
    except SystemExit as left:
        if not isinstance(left.__context__, BrokenPipeError):  # what Rich makes of it
            raise
        return Exit.DONE
    except Exception as error:
        if _signals:
            return _stopped(error)
        if isinstance(error, _CommandLineError):
            return _misused(error)
        if os.environ.get("GROUNDWIRE_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno in _CANNOT_WRITE:
            _drop_output()
            where = f"{error.filename}: " if error.filename else ""
            return _failed(
                f"{where}{error.strerror}; make room or check permissions, and run it again", Exit.CANNOT_WRITE
            )
        kind = type(error).__name__
        return _failed(
            f"a fault of ours: {kind}: {error}; GROUNDWIRE_DEBUG=1 shows where; please report it", Exit.FAULT
        )


def _carried_out(arguments: list[str]) -> int:
    """The exit code of the command. By hand, for Typer's own `main` swallows interrupts and broken pipes."""
    command = get_command(app)
    try:
        with command.make_context("groundwire", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as left:
        return int(left.exit_code)
    return Exit.DONE


_CANNOT_WRITE = {errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM}


class _Terminated(SystemExit):
    """SIGTERM came: everything on the way up lets go of what it holds."""


_signals: list[int] = []
"""Those that came. Where one falls into a module's initialisation or a callback, another error comes out of it."""


def _stop(signum: int, frame: FrameType | None) -> None:
    _signals.append(signum)
    if signum == signal.SIGINT:
        raise KeyboardInterrupt
    raise _Terminated(Exit.TERMINATED)


def _stopped(error: BaseException) -> int:
    """Say that a signal ended the command; 0 where none did."""
    if isinstance(error, _Terminated) or signal.SIGTERM in _signals:
        return _failed("terminated; what was done stays", Exit.TERMINATED)
    if isinstance(error, KeyboardInterrupt) or signal.SIGINT in _signals:
        return _failed("interrupted; what was done stays", Exit.INTERRUPTED)
    return 0


def _open_streams() -> None:
    """Put the null device where a standard stream was closed before we began.

    Otherwise the next file that is opened, such as the corpus, would get its number, and what is printed.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _drop_output() -> None:
    """Let go of what could not be written, or Python would complain once more on leaving."""
    with suppress(OSError):  # a stream without a descriptor, such as a test's, has nothing to drop
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
