"""Nothing is compiled at import, and everything is after warming."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import importlib, pkgutil
import routing
names = [found.name for found in pkgutil.iter_modules(routing.__path__)]
modules = [importlib.import_module(f"routing.{name}") for name in names]
kernels = {
    f"{value.py_func.__module__}.{value.py_func.__name__}": value
    for module in modules for value in vars(module).values() if hasattr(value, "py_func")
}
def compiled():
    return {name: len(kernel.signatures) for name, kernel in kernels.items()}
assert len(kernels) > 20, kernels
assert not any(compiled().values()), compiled()
from routing.warm import warm_up
warm_up()
warmed = compiled()

import numpy as np
from routing.engine import travel_times_for
from maps.region_file import load_region
times = travel_times_for(load_region("isle-of-wight"))
positions = np.arange(50, dtype=np.int64) << 24
times.matrix_ms(positions, positions, 0, 0)
times.pairs_ms(positions, positions, 1, 0)
times.leg(int(positions[0]), int(positions[9]), 0, 0)
times.plane_m(positions)
after = compiled()
assert after == warmed, {name: after[name] for name in after if after[name] != warmed[name]}
"""


def test_importing_compiles_nothing_and_warming_compiles_all_that_a_region_needs():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
