"""A server on the straight road as a process of its own, to be killed by tests."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from api.server import serve
from api.settings import ServerSettings
from tests.api.builders import a_ground

if __name__ == "__main__":
    if len(sys.argv) > 2:  # as if the disk were full: no file may grow beyond so many bytes
        limit = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    serve(ServerSettings(store=Path(sys.argv[1]), port=0, console=False), ground=a_ground())
