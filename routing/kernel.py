"""How compiled functions are declared here: once, typed, cached on disk, free of the GIL.

Kernels take plain arrays; several that belong together travel as one tuple. A tuple is taken apart
once, at the top of a kernel, never inside a loop or a small function that a loop calls: numba
counts a reference for every array taken out, and that costs more than the work.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

Compiled = TypeVar("Compiled", bound=Callable[..., Any])

Arrays = tuple[npt.NDArray[Any], ...]
"""Arrays that belong together, in an order that the docstring of their maker gives."""

Whole: TypeAlias = Any
"""A whole number of a kernel: an integer of whatever width its arrays have."""


def kernel(function: Compiled) -> Compiled:
    """Compile a function on its first call and keep the result on disk."""
    return cast("Compiled", njit(nogil=True, cache=True)(function))


def unlocked(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the same memory as an array that kernels may take as if it were writable.

    Numba compiles a kernel anew for each combination of read-only arguments, which takes seconds
    at the worst moment. No kernel writes to what it is given to read. The caller keeps the
    original alive.
    """
    plain = np.ascontiguousarray(array)
    if plain.flags.writeable or not plain.size:
        return plain if plain.size else np.empty(plain.shape, dtype=plain.dtype)
    memory: Any = (ctypes.c_char * plain.nbytes).from_address(plain.ctypes.data)
    view: npt.NDArray[Any] = np.frombuffer(memory, dtype=plain.dtype).reshape(plain.shape)
    assert view.flags.writeable, "memory taken by its address is writable"
    return view


def release_memory() -> None:
    """Give freed memory back to the system, where the C library can be told to.

    Preparing a country frees half as much as it keeps, and glibc would hold on to it.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


@kernel
def first_at_least(values: npt.NDArray[Any], wanted: Whole) -> Whole:
    """Return the first place of ascending values with at least the wanted one; the end if none.

    Numba's own search compiles for seconds, because it can also look for many.
    """
    first, end = 0, len(values)
    while first < end:
        half = (first + end) >> 1
        if values[half] < wanted:
            first = half + 1
        else:
            end = half
    return first


@kernel
def longer(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a copy of a row with as much room again."""
    copied = np.empty(2 * len(values), dtype=values.dtype)
    for at in range(len(values)):
        copied[at] = values[at]
    return copied
