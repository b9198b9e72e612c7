"""The same metrics on rows that stay on an engine: the same numbers as in memory, from the same definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from metric_world import AS_OF, DISCOUNT_LIMIT, PERIOD, Tables, organisation, tables

from salescoach.calendar import Calendar
from salescoach.crm.engines import engine_of
from salescoach.crm.large import LargeData, open_large
from salescoach.errors import TableError, UsageError
from salescoach.metrics import METRICS, measure

HISTORIES = ("stage_history", "owner_history")
EXACT = ("n", "na_reason", "warnings", "part")
CENTS = ("bookings", "open_pipeline", "paid_bookings", "pipeline_bridge")
ISTANBUL = Calendar()


def written(given: Mapping[str, pd.DataFrame], folder: Path) -> dict[str, str]:
    """*given* as one Parquet file per table."""
    with duckdb.connect() as connection:
        for name, frame in given.items():
            connection.register("given", frame)
            connection.execute(f"COPY given TO '{folder / name}.parquet' (FORMAT parquet)")
    return {name: str(folder / f"{name}.parquet") for name in given}


def with_all_there_is() -> Tables:
    """The organisation with splits, foreign money, another owner, a deal undone, one deleted, one born closed."""
    given = tables()
    deals = given["opportunity"].assign(is_deleted=False)
    won = deals.index[deals["status"] == "won"]
    deals.loc[won[-20:-11], "currency"] = "EUR"
    deals.loc[won[-10:-7], "currency"] = "USD"  # no rate
    deals.loc[won[12], "is_deleted"] = True
    deals.loc[won[13], "closed_at"] = deals.loc[won[13], "created_at"]
    ids = deals.loc[won, "deal_id"].to_numpy()
    halves = [(deal, rep, 0.5) for deal in ids[-45:-25] for rep in ("ayse", "can")]
    splits = pd.DataFrame([*halves, (ids[-22], "bora", 0.7)], columns=["deal_id", "rep_id", "pct"])
    moved = deals.loc[deals.index % 7 == 0]
    spells = {"deal_id": moved["deal_id"], "valid_from": moved["created_at"], "valid_to": None}
    again = pd.DataFrame({"deal_id": [ids[50]], "stage_to": ["Demo"], "entered_at": [pd.Timestamp("2025-05-20 10:00")]})
    days = pd.date_range("2024-01-01", AS_OF, freq="7D")
    return given | {
        "opportunity": deals,
        "split": splits.assign(credit_type="revenue"),
        "owner_history": pd.DataFrame(spells).assign(owner_id="derya", valid_to=pd.Timestamp("2025-02-01")),
        "fx_rate": pd.DataFrame({"date": days, "currency": "EUR", "rate_to_base": 40.0, "kind": "spot"}),
        "stage_history": pd.concat([given["stage_history"], again], ignore_index=True),
    }


def without_histories() -> Tables:
    return {name: frame for name, frame in with_all_there_is().items() if name not in HISTORIES}


@dataclass(frozen=True)
class Both:
    """Answers to the same question, from frames in memory and from the engine."""

    plain: pd.DataFrame
    large: pd.DataFrame


def large(given: Tables, folder: Path, as_of: date = AS_OF, calendar: Calendar = ISTANBUL, **more: object) -> LargeData:
    return open_large(
        written(given, folder),
        as_of=as_of,
        calendar=calendar,
        currency="TRY",
        keep=folder / "keep",
        discount_limit=DISCOUNT_LIMIT,
        **more,
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["with_histories", "without_histories", "on_an_earlier_day"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("large")
    given = with_all_there_is() if request.param == "with_histories" else without_histories()
    as_of = date(2025, 3, 12) if request.param == "on_an_earlier_day" else AS_OF
    return Both(
        measure(organisation(given, as_of), PERIOD),
        measure(large(given, folder, as_of, part=150), PERIOD),
    )


def test_the_engine_gives_the_same_counts_reasons_and_warnings(both: Both):
    for name in ("rep_id", "metric_id", *EXACT):
        assert both.large[name].tolist() == both.plain[name].tolist(), name


@pytest.mark.parametrize("column", ["value", "numerator", "denominator", "low", "high"])
def test_the_engine_gives_the_same_numbers(both: Both, column: str):
    np.testing.assert_allclose(both.large[column], both.plain[column], rtol=1e-9, atol=1e-12)


def test_another_day_keeps_what_the_organisation_has_set(tmp_path: Path):
    data = large(with_all_there_is(), tmp_path, mega_limit=30_000.0)
    past = data.at(date(2025, 3, 12))

    assert (past.mega_limit, past.discount_limit) == (30_000.0, DISCOUNT_LIMIT)
    large_ones = past.deals.loc[past.deals["amount"] >= 30_000.0, "is_mega"]
    assert len(large_ones) > 0
    assert large_ones.all()


def test_sums_of_money_are_the_same_to_the_cent(both: Both):
    for metric_id in CENTS:
        cents = [
            (answers.loc[answers["metric_id"] == metric_id, "value"] * 100).round().to_list()
            for answers in (both.large, both.plain)
        ]
        np.testing.assert_array_equal(*cents)


def test_every_metric_there_is_was_asked(both: Both):
    assert set(both.large["metric_id"]) == set(METRICS)


def test_days_of_another_zone_are_seen_as_different(tmp_path: Path):
    """The comparison above can fail: a state that takes UTC days for days in Istanbul is another one."""
    naive = large(without_histories(), tmp_path, calendar=Calendar(timezone="Pacific/Auckland"))
    plain = organisation(without_histories())
    ids = ["cycle_resolution", "velocity"]

    assert not np.allclose(
        measure(naive, PERIOD, ids)["value"], measure(plain, PERIOD, ids)["value"], rtol=1e-9, equal_nan=True
    )


def test_the_state_of_a_day_is_written_once(tmp_path: Path):
    files = written(without_histories(), tmp_path)
    keep = tmp_path / "keep"
    for _ in range(2):
        open_large(files, as_of=AS_OF, calendar=ISTANBUL, currency="TRY", keep=keep)
    once = sorted(place.name for place in keep.iterdir() if place.is_dir())
    open_large(files, as_of=AS_OF, calendar=ISTANBUL, currency="EUR", keep=keep)

    assert len(once) == 1
    assert len([place for place in keep.iterdir() if place.is_dir()]) == 2


def test_a_deal_twice_is_refused(tmp_path: Path):
    given = without_histories()
    given["opportunity"] = pd.concat([given["opportunity"], given["opportunity"].head(1)])

    with pytest.raises(TableError, match="'d000' more than once"):
        large(given, tmp_path)


def test_an_organisation_without_deals_is_refused(tmp_path: Path):
    given = without_histories()
    del given["opportunity"]

    with pytest.raises(TableError, match="'opportunity' is missing"):
        large(given, tmp_path)


def test_an_engine_that_does_not_exist_is_named():
    with pytest.raises(UsageError, match=r"no engine 'abacus'. Known: duckdb, spark, dask"):
        engine_of("abacus")


@pytest.mark.parametrize("name", ["spark", "dask"])
def test_a_distributed_engine_needs_an_address(name: str):
    with pytest.raises(UsageError, match="say where"):
        engine_of(name)


@pytest.mark.parametrize(("name", "package"), [("spark", "pyspark"), ("dask", "dask")])
def test_an_engine_that_is_not_installed_says_what_to_install(name: str, package: str):
    try:
        __import__(package)
    except ImportError:
        with pytest.raises(UsageError, match=f"needs the package {package}"):
            engine_of(name, "tcp://nowhere:1")
    else:
        pytest.skip(f"{package} is installed")


def test_spark_gives_the_same_numbers(tmp_path: Path):
    """Covered only where pyspark is installed; DuckDB is covered everywhere."""
    pytest.importorskip("pyspark")
    data = large(without_histories(), tmp_path, engine=engine_of("spark", "local[1]"))
    ids = ["win_rate_count", "ads", "cycle_resolution"]
    plain = measure(organisation(without_histories()), PERIOD, ids)

    np.testing.assert_allclose(measure(data, PERIOD, ids)["value"], plain["value"], rtol=1e-9)
