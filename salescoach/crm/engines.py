"""Where rows are counted when they do not fit into memory: DuckDB, or a distributed engine that is already there.

An engine does two things: it reads Parquet, and it takes in a small pandas frame to join with. All else is Narwhals.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import pandas as pd

from salescoach.errors import UsageError

ENGINES = ("duckdb", "spark", "dask")
MEMORY = "4GB"
"""What DuckDB may take before it puts rows on disk."""


class Engine(Protocol):
    """What holds the rows. ``read`` and ``take`` give frames that Narwhals understands and that can be joined."""

    @property
    def name(self) -> str:
        """Its name among :data:`ENGINES`."""

    def read(self, files: str) -> Any:
        """The rows of all Parquet *files* (a path with ``*``)."""

    def take(self, frame: pd.DataFrame) -> Any:
        """A frame in memory, as rows of this engine."""


def engine_of(name: str, url: str = "", *, memory: str = MEMORY, spill: Path | None = None) -> Engine:
    """The engine *name*; *url* is the address of the cluster (``spark://host:7077``, ``tcp://host:8786``).

    DuckDB needs no address. It takes at most *memory* and puts what does not fit into the folder *spill*. UsageError
    for an engine that does not exist, has no address, or whose package is not installed.
    """
    if name not in ENGINES:
        raise UsageError.unknown("engine", name, ENGINES)
    if name == "duckdb":
        return DuckEngine(memory, spill)
    if not url:
        raise UsageError(f"The engine {name} runs on a cluster that is already there: say where, with its address.")
    return SparkEngine(url) if name == "spark" else DaskEngine(url)


class DuckEngine:
    """DuckDB in this process, with a limit of memory."""

    name = "duckdb"

    def __init__(self, memory: str = MEMORY, spill: Path | None = None) -> None:
        import duckdb

        self.connection = duckdb.connect(":memory:", config={"memory_limit": memory, "preserve_insertion_order": False})
        if spill is not None:
            self.connection.execute("SET temp_directory = $folder", {"folder": str(spill)})

    def read(self, files: str) -> Any:
        """The rows of all Parquet *files*."""
        return self.connection.read_parquet(files)

    def take(self, frame: pd.DataFrame) -> Any:
        """*frame* as a relation."""
        return self.connection.from_df(frame)


class SparkEngine:
    """Spark, on the cluster at *url*; the Parquet files must lie where its workers can read them."""

    name = "spark"

    def __init__(self, url: str) -> None:
        session = _package("pyspark.sql", "pyspark").SparkSession
        self.session = session.builder.master(url).appName("salescoach").getOrCreate()

    def read(self, files: str) -> Any:
        """The rows of all Parquet *files*."""
        return self.session.read.parquet(files)

    def take(self, frame: pd.DataFrame) -> Any:
        """*frame* as a Spark frame."""
        return self.session.createDataFrame(frame)


class DaskEngine:
    """Dask, on the cluster at *url*; the Parquet files must lie where its workers can read them."""

    name = "dask"

    def __init__(self, url: str) -> None:
        self.client = _package("dask.distributed", "dask[dataframe,distributed]").Client(url)
        self.frames = _package("dask.dataframe", "dask[dataframe]")

    def read(self, files: str) -> Any:
        """The rows of all Parquet *files*."""
        return self.frames.read_parquet(files)

    def take(self, frame: pd.DataFrame) -> Any:
        """*frame* as a Dask frame of one part."""
        return self.frames.from_pandas(frame, npartitions=1)


def _package(module: str, install: str) -> Any:
    try:
        return cast(Any, import_module(module))
    except ImportError:
        raise UsageError(
            f"This engine needs the package {install}, which is not installed here. Install it beside salescoach, "
            "or use the engine duckdb, which is part of it."
        ) from None
