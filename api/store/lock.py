"""A lock on a file, so that two servers never write one journal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class LockedError(RuntimeError):
    """Another process holds the lock."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Expected to be the only server of {path}, but another process has it open."
        )
        self.path = path


class FileLock:
    """An advisory lock beside a file, held until `release` or the end of the process.

    Raises
    ------
    LockedError
        When another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.with_name(path.name + ".lock").open("ab")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            raise LockedError(path) from error
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n".encode())
        self._file.flush()

    def release(self) -> None:
        """Let another process have the file."""
        self._file.close()


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
