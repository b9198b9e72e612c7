"""Files that the tool has never seen, as people export them: the right verdict, or an error that says what to do."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scoring_support import ready, simulated
from sklearn.datasets import load_breast_cancer

from salescoach.cli import main
from salescoach.errors import InputError
from salescoach.leadlab.reading import names, read_leads
from salescoach.scoring import splits
from salescoach.scoring.declaration import ColumnRule, Declaration
from salescoach.scoring.outcome import outcome_of

SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TURKISH = (
    "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
)  # fmt: skip
DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(60)]


@pytest.fixture
def evaluated(capsys, tmp_path, monkeypatch):
    """Evaluates bytes or a table as a file, in one round of three folds; exit code and what was printed."""
    monkeypatch.setattr(splits, "_FOLDS", ((float("inf"), (3, 1)),))

    def run(content, *options, outcome="won"):
        data = content.to_csv(index=False).encode() if isinstance(content, pd.DataFrame) else content
        (tmp_path / "leads.csv").write_bytes(data)
        with pytest.raises(SystemExit) as leaving:
            main(["leads", "evaluate", str(tmp_path / "leads.csv"), "--outcome", outcome, *options, "--json"])
        return leaving.value.code, json.loads(capsys.readouterr().out, parse_constant=pytest.fail)

    return run


def read(tmp_path, text, **options):
    (tmp_path / "leads.csv").write_text(text, encoding="utf-8")
    return read_leads(tmp_path / "leads.csv", outcome="won", **options)


# --- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        lambda d: f"{d.day} {SHORT[d.month - 1]} {d.year}",
        lambda d: f"{d.day:02}-{SHORT[d.month - 1].upper()}-{d.year % 100}",
        lambda d: f'"{SHORT[d.month - 1]} {d.day}, {d.year}"',
        lambda d: f"{d.day} {TURKISH[d.month - 1]} {d.year}",
        lambda d: d.strftime("%d.%m.%y"),
        lambda d: d.strftime("%m/%d/%y"),
    ],
)
def test_a_time_column_is_read_as_people_write_days(tmp_path, written):
    rows = "\n".join(f"{written(day)},{number},{number % 2}" for number, day in enumerate(DAYS))
    table = read(tmp_path, f"seen,visits,won\n{rows}\n", time="seen").table

    assert table["seen"].tolist() == [pd.Timestamp(day) for day in DAYS]


def test_two_figures_for_a_year_may_be_a_code_where_nobody_named_a_time(tmp_path):
    """The same texts in a column of which nothing is known stay texts."""
    assert read(tmp_path, "version,won\n01.02.24,1\n13.02.24,0\n").table["version"].tolist() == ["01.02.24", "13.02.24"]


def test_a_time_column_with_other_texts_names_the_texts_that_are_wrong(evaluated):
    table = simulated(60).assign(seen=[*map(str, DAYS[:-1]), "soon"])
    code, told = evaluated(table, "--time", "seen")

    assert code == 2
    assert "'soon'" in told["error"]
    assert str(DAYS[0]) not in told["error"]


# --- numbers -------------------------------------------------------------------------------------


def test_an_infinity_is_not_known_and_does_not_turn_numbers_into_texts(tmp_path):
    numbers = read(tmp_path, "n,won\n1.5,1\ninf,0\n-Infinity,1\n1e400,0\n2,1\nNaN,0\n3e-1,0\n").table["n"]

    assert numbers.isna().tolist() == [False, True, True, True, False, True, False]


def test_numbers_with_one_unit_are_numbers(tmp_path):
    table = read(tmp_path, "tenure,size,won\n12 yrs,3 kg,1\n7.5 yrs,4 lb,0\n")

    assert table.table["tenure"].tolist() == [12.0, 7.5]
    assert table.table["size"].tolist() == ["3 kg", "4 lb"]  # two units: not one scale


def test_a_unit_in_the_singular_and_the_plural_is_one_unit(tmp_path):
    assert read(tmp_path, "tenure,won\n1 day,1\n12 days,0\n3 gün,1\n").table["tenure"].tolist() == [1.0, 12.0, 3.0]


def test_a_column_declared_as_number_in_two_currencies_is_refused(tmp_path):
    declared = Declaration("won", columns={"price": ColumnRule(kind="number")})

    with pytest.raises(InputError, match=r"price: .*several units"):
        read(tmp_path, "price,won\n$5,1\n€7,0\n", declaration=declared)


def test_a_moment_on_the_day_of_the_snapshot_is_not_later_than_it(tmp_path):
    """The snapshot says the day only. A day later still is."""
    rows = "".join(f"{day},{day} 15:30,{day + timedelta(days=1)},{number % 2}\n" for number, day in enumerate(DAYS))
    dropped = read(tmp_path, f"seen,called,paid,won\n{rows}", time="seen").prepared().dropped

    assert [(each.column, each.reason) for each in dropped if each.reason != "time"] == [("paid", "dated_later")]


def test_a_turkish_office_file_is_read(evaluated):
    """cp1254, semicolons, decimal commas, evet and hayır."""
    table = simulated(120).assign(won=lambda t: np.where(t["won"] == "yes", "evet", "hayır"))
    text = table.rename(columns={"budget": "bütçe", "won": "kazanıldı"}).to_csv(index=False, sep=";", decimal=",")
    code, told = evaluated(text.encode("cp1254"), outcome="kazanıldı")

    assert code == 0
    assert told["features"] == ["visits", "bütçe", "source", "size"]
    assert told["outcome"]["lost"].keys() == {"hayır"}


# --- outcomes ------------------------------------------------------------------------------------


def test_a_value_and_its_negation_say_which_is_the_success():
    texts = np.array(["Subscribed", "Not subscribed"], dtype=object)

    assert outcome_of(texts, names(), column="x").won.tolist() == [1, 0]


@pytest.mark.parametrize("values", [["gold", "silver", "bronze"], ["1", "-1"], ["2", "1"], ["paid", "unpaid"]])
def test_an_outcome_that_is_not_clear_is_refused_with_its_values(evaluated, values):
    table = simulated(60).assign(won=[values[number % len(values)] for number in range(60)])
    code, told = evaluated(table)

    assert code == 2
    assert all(f"'{value}'" in told["error"] for value in values)
    assert "--won" in told["error"]


def test_the_success_among_several_classes_can_be_stated(evaluated):
    table = simulated(60).assign(won=lambda t: np.where(t["won"] == "yes", "gold", t["source"]))
    code, told = evaluated(table, "--won", "gold")

    assert code == 0
    assert told["outcome"]["lost"].keys() == {"web", "fair", "referral"}


@pytest.mark.parametrize("won", [0, 1, 3])
def test_a_nearly_constant_outcome_gives_no_score(evaluated, won):
    table = simulated(90).assign(won=["yes"] * won + ["no"] * (90 - won))
    code, told = evaluated(table)

    assert (code, told.get("verdict")) in {(2, None), (0, "no_signal")}
    assert won or "no row is won" in told["error"]


# --- columns -------------------------------------------------------------------------------------


def test_a_file_of_numbers_alone_that_tells_nearly_everything_is_judged_and_questioned(evaluated, recwarn):
    """Measurements of tumours (packed with scikit-learn): no leads, but a file as any analyst may bring. The JSON is
    all that is printed."""
    table = load_breast_cancer(as_frame=True).frame
    code, told = evaluated(table, outcome="target")
    rang = {(alarm["column"], alarm["rule"]) for alarm in told["alarms"]}

    assert (code, told["verdict"]) == (0, "usable")
    assert {("worst area", "single_column"), ("", "whole_model")} <= rang
    assert {"column": "worst area", "reason": "alarm"} in told["dropped"]
    assert {"verdict", "champion", "ladder", "alarms", "dropped", "split"} <= told.keys()
    assert not recwarn.list


@pytest.mark.parametrize("n", [45, 200])
def test_the_outcome_under_another_name_is_alarmed_and_kept_out(evaluated, n):
    table = simulated(n).assign(code=lambda t: np.where(t["won"] == "yes", 17, 3))
    code, told = evaluated(table)

    assert code == 0
    assert {"column": "code", "reason": "alarm"} in told["dropped"]


def test_many_columns_of_noise_are_no_signal(evaluated):
    random = np.random.default_rng(1)
    noise = pd.DataFrame(random.normal(size=(150, 60)), columns=[f"n{i}" for i in range(60)])
    code, told = evaluated(noise.assign(won=random.choice(["won", "lost"], 150)))

    assert code == 0
    assert told["verdict"] == "no_signal"


@pytest.mark.parametrize(
    "table",
    [
        simulated(60)[["won"]],
        simulated(60)[["source", "won"]],
        simulated(60).assign(nothing=np.nan, unknown="NA"),
        simulated(60).assign(note=[f"line one\nline, two of {i}" for i in range(60)]),
        simulated(60).assign(note=[f"{'very long ' * 900}{i}" for i in range(60)]),
        simulated(60).assign(code=np.arange(60) % 3 * 100 + 1),
    ],
    ids=["outcome alone", "one column", "empty columns", "quoted newlines", "long texts", "numeric categories"],
)
def test_an_unusual_table_is_judged_all_the_same(evaluated, table):
    code, told = evaluated(b"\xef\xbb\xbf" + table.to_csv(index=False).encode())

    assert code == 0
    assert told["rows"] == 60
    assert not {"nothing", "unknown", "note"} & set(told["features"])


# --- copies --------------------------------------------------------------------------------------


def test_a_file_in_which_every_row_stands_four_times_keeps_copies_together():
    leads = ready(pd.concat([simulated(300)] * 4, ignore_index=True))

    assert leads.grouping == "copies"
    assert leads.first_of_copies.sum() <= 300


def test_rows_that_are_equal_and_end_differently_are_not_copies():
    """Coarse columns, the negative control: the same answers, drawn outcomes."""
    table = pd.concat([simulated(300)] * 4, ignore_index=True)
    table["won"] = np.random.default_rng(0).choice(["yes", "no"], len(table))

    assert ready(table).grouping == "none"
