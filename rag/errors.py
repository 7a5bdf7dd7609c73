"""The errors that a user may see.

Each says what happened, to what, and what to do, in one line, and knows the exit code of the command that met it::

    GroundwireError                 1   a fault of ours
    ├── UsageError                  2   the request cannot be carried out as it was put
    │   ├── ConfigError             2   a setting is wrong
    │   ├── CorpusMismatch          2   the corpus was made with another model, splitter or a newer format
    │   └── ModelError              2   weights that are missing, wrong, or cannot be fetched
    ├── NotFound                    4   nothing indexed, or no such article or citation
    ├── ProofFailed                 5   a citation does not hold
    ├── CorpusDamaged               5   the corpus file is not whole
    ├── CorpusBusy                  6   another process is writing
    └── CannotWrite                 8   disk full, read-only, no permission

Exit codes 3 (the corpus does not answer) and 7 (some inputs were skipped) are results, not errors: the commands
return them.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of a command means."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    NO_ANSWER = 3
    NOT_FOUND = 4
    PROOF_FAILED = 5
    BUSY = 6
    SKIPPED = 7
    CANNOT_WRITE = 8
    INTERRUPTED = 130
    TERMINATED = 143


class GroundwireError(Exception):
    """The root: anything that Groundwire raises on purpose."""

    exit_code: Exit = Exit.FAULT


class UsageError(GroundwireError):
    """The request cannot be carried out as it was put."""

    exit_code = Exit.USAGE


class ConfigError(UsageError):
    """A setting is wrong: the message names it and where it was set."""


class CorpusMismatch(UsageError):
    """The corpus was made with another model or splitter, or by a newer version of the program."""


class ModelError(UsageError):
    """Model weights are missing, are not the right ones, or cannot be fetched."""


class NotFound(GroundwireError):
    """Nothing is indexed, or there is no such article or citation."""

    exit_code = Exit.NOT_FOUND


class ProofFailed(GroundwireError):
    """A citation does not hold."""

    exit_code = Exit.PROOF_FAILED


class CorpusDamaged(GroundwireError):
    """The corpus file is not whole, or is not a corpus."""

    exit_code = Exit.PROOF_FAILED


class CorpusBusy(GroundwireError):
    """Another process is writing to the corpus."""

    exit_code = Exit.BUSY


class CannotWrite(GroundwireError):
    """The disk is full, the folder read-only, or permission is missing."""

    exit_code = Exit.CANNOT_WRITE
