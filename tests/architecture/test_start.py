"""The command line starts without the heavy packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "osmnx",
    "ortools",
    "numba",
    "pyarrow",
    "duckdb",
    "pandas",
    "sklearn",
    "scipy",
    "networkx",
    "shapely",
    "pyproj",
    "osmium",
    "fastapi",
    "uvicorn",
    "numpy",
}


def test_help_loads_no_heavy_package() -> None:
    code = (
        "import sys, bluelight\n"
        "bluelight._open_rooms()\n"
        "print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(result.stdout.split()), HEAVY & set(result.stdout.split())
