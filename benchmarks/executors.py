"""Where experiments run: here one by one, on local processes, or on a cluster."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import cast


@contextmanager
def opened_executor(jobs: int, cluster: str | None = None) -> Iterator[Executor | None]:
    """Open what runs the jobs of an experiment; None: this process, one by one.

    Parameters
    ----------
    jobs
        Local processes; with 1 none are started.
    cluster
        Address of a Dask scheduler (``tcp://host:8786``), whose workers have this distribution.

    Raises
    ------
    ValueError
        When there are fewer than 1 jobs, or a cluster is named and Dask is not installed.
    """
    if cluster is not None:
        try:
            from distributed import Client
        except ImportError as error:
            raise ValueError(
                "Expected the package 'distributed' for --cluster, was not installed: "
                "pip install 'bluelight-dispatch[cluster]'."
            ) from error
        with Client(cluster) as client:
            yield cast("Executor", client.get_executor())
        return
    if jobs < 1:
        raise ValueError(f"Expected at least 1 job, was {jobs}.")
    if jobs == 1:
        yield None
        return
    # Fresh processes: a fork would copy the threads of compiled code in the middle of a step.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        yield pool
