"""The command line of the lead lab, from a file never seen to a stored model, its reasons and its card."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from scoring_support import simulated, written

from salescoach.cli import main
from salescoach.errors import InputError, WorkspaceError
from salescoach.leadlab.reasons import write_rows
from salescoach.leadlab.registry import MANIFEST, Registry, load_trusted
from salescoach.resources import load_words


def run(capsys, *arguments):
    """Exit code and standard output of a command."""
    with pytest.raises(SystemExit) as leaving:
        main(["leads", *map(str, arguments)])
    return leaving.value.code, capsys.readouterr().out


DECLARATION = '[leads]\noutcome = "won"\nid = "lead"\nowner = "rep"\nknown_at = "created"\n'


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with leads, a declaration, and a model that was trained on them."""
    folder = tmp_path_factory.mktemp("lab")
    for name, seed in (("leads", 0), ("later", 1)):
        table = simulated(600, seed).assign(rep=np.where(np.arange(600) % 2, "Elif", "Can"))
        table.insert(0, "lead", [f"L{i}" for i in range(600)])
        written(table, folder / f"{name}.csv")
    said = DECLARATION + '[columns.visits]\nanswer = "accept"\nreason = "counted before the first call"\n'
    (folder / "leads.toml").write_text(said, encoding="utf-8")
    arguments = map(str, ["--declare", folder / "leads.toml", "--into", folder / "models", "--by", "Elif"])
    with pytest.raises(SystemExit) as leaving:
        main(["leads", "train", str(folder / "leads.csv"), *arguments])
    assert leaving.value.code == 0
    return folder


def test_evaluate_prints_what_was_promised(capsys, home):
    code, out = run(capsys, "evaluate", home / "leads.csv", "--outcome", "won", "--json")
    told = json.loads(out)

    assert code == 0
    assert told["verdict"] == "usable"
    assert told["champion"] in {rung["model"] for rung in told["ladder"]}
    assert {
        "model", "auc", "auc_low", "auc_high", "pr_auc", "brier", "log_loss", "ece", "lift_10", "fit_s",
        "score_rows_per_s",
    } <= set(told["ladder"][-1])  # fmt: skip
    assert {"column", "rule", "figure"} == set(told["alarms"][0])
    assert {"lead", "rep"} == {dropped["column"] for dropped in told["dropped"]}
    assert told["split"]["kind"] == "grouped"


@pytest.mark.parametrize(("language", "word"), [("en", "If that order is time"), ("tr", "Bu düzen zaman ise")])
def test_rows_that_stand_in_an_order_are_asked_about_before_anybody_believes_random_folds(
    capsys, tmp_path, language, word
):
    """The control are the same rows in no order."""
    table = simulated(360, seed=4)
    drifting = table.assign(budget=table["budget"] + np.repeat([0.0, 40.0, 80.0], 120))
    said = {}
    for name, rows in (("ordered", drifting), ("mixed", drifting.sample(frac=1, random_state=0))):
        path = written(rows, tmp_path / f"{name}.csv")
        said[name] = run(capsys, "evaluate", path, "--outcome", "won", "--language", language)[1]

    assert word in said["ordered"]
    assert "budget" in said["ordered"]
    assert word not in said["mixed"]


def test_too_few_leads_are_refused_with_the_name_of_the_file(capsys, tmp_path):
    with pytest.raises(SystemExit) as leaving:
        main(["leads", "evaluate", str(written(simulated(12), tmp_path / "few.csv")), "--outcome", "won"])

    assert leaving.value.code == 2
    assert "few.csv" in capsys.readouterr().err


def test_an_outcome_that_is_not_there_is_answered_with_the_columns(capsys, home):
    code, out = run(capsys, "evaluate", home / "leads.csv", "--outcome", "wonn", "--json")

    assert code == 2
    assert "visits" in json.loads(out)["error"]


def test_nothing_is_trained_on_a_column_that_nobody_declared(capsys, home):
    code, out = run(capsys, "train", home / "leads.csv", "--outcome", "won", "--into", home / "none", "--json")

    assert code == 2
    assert "visits, budget, source, size" in json.loads(out)["error"]
    assert not (home / "none").exists()


def test_nothing_is_trained_while_an_alarm_is_not_answered(capsys, home):
    (home / "open.toml").write_text(DECLARATION, encoding="utf-8")
    code, out = run(
        capsys, "train", home / "leads.csv", "--declare", home / "open.toml", "--into", home / "none", "--json"
    )

    assert code == 2
    assert "visits (drop_strongest)" in json.loads(out)["error"]


def test_nothing_is_trained_without_a_signal(capsys, home):
    noise = written(simulated(300, 4, signal=0.0), home / "noise.csv")
    (home / "noise.toml").write_text('[leads]\noutcome = "won"\nknown_at = "created"\n', encoding="utf-8")
    code, out = run(capsys, "train", noise, "--declare", home / "noise.toml", "--into", home / "none", "--json")

    assert code == 2
    assert "no usable signal" in json.loads(out)["error"]


def test_a_draft_is_a_declaration_in_which_nothing_is_allowed_yet(capsys, home, tmp_path):
    _, out = run(capsys, "declare", home / "leads.csv", "--outcome", "won")
    (tmp_path / "draft.toml").write_text(out, encoding="utf-8")
    code, _ = run(capsys, "train", home / "leads.csv", "--declare", tmp_path / "draft.toml", "--into", tmp_path / "m")

    assert 'known_at = "unknown"' in out
    assert code == 2


def test_later_leads_are_scored_listed_and_watched(capsys, home):
    code, out = run(capsys, "score", home / "later.csv", "--models", home / "models", "--hours", 5, "--json")
    told = json.loads(out)
    chosen = [lead for lead in told["leads"] if lead["status"] == "chosen"]

    assert code == 0
    assert len(told["leads"]) == 600
    assert sorted(lead["owner"] for lead in chosen) == ["Can"] * 5 + ["Elif"] * 5
    assert chosen[0]["reasons"]["for"]
    assert {each["verdict"] for each in told["drift"]} == {"steady"}
    assert told["observed_over_expected"]["holds"]


@pytest.mark.parametrize("language", ["en", "tr"])
def test_whoever_scores_leads_that_have_changed_is_told_so_first(capsys, home, tmp_path, language):
    """Other leads, that end otherwise than the model expects; the control are later leads of the same kind."""
    words = load_words(language)
    table = simulated(600, 1).assign(rep="Elif", won="no")
    changed = written(table.assign(budget=table["budget"] + 60, lead=range(600)), tmp_path / "changed.csv")
    said = {}
    for name, path in (("changed", changed), ("alike", home / "later.csv")):
        said[name] = run(capsys, "score", path, "--models", home / "models", "--language", language)[1]

    assert words("lead_pages.moved", columns="budget") in said["changed"]
    assert words("leads.list.no_longer_holds", n="600", won="0", expected="X").split("X")[0][:20] in said["changed"]
    assert len(said["alike"].splitlines()[1]) < 40  # the first lead follows the summary


def test_one_lead_alone_is_scored_like_among_others(capsys, home, tmp_path):
    """A column that is constant or unique in a short file is still read."""
    table = pd.read_csv(home / "later.csv")
    written(table.iloc[:1].drop(columns=["won"]), tmp_path / "one.csv")
    _, alone = run(capsys, "score", tmp_path / "one.csv", "--models", home / "models", "--json")
    _, among = run(capsys, "score", home / "later.csv", "--models", home / "models", "--json")
    name = table["lead"].iloc[0]

    assert json.loads(alone)["leads"][0]["p"] == next(
        lead["p"] for lead in json.loads(among)["leads"] if lead["lead"] == name
    )


@pytest.mark.parametrize(("language", "word"), [("en", "associated with"), ("tr", "ilişkili")])
def test_a_lead_is_explained_in_both_languages_without_naming_its_owner(capsys, home, language, word):
    code, out = run(
        capsys, "explain", home / "later.csv", "--models", home / "models", "--lead", "L3", "--language", language
    )

    assert code == 0
    assert word in out
    assert "Elif" not in out
    assert "Can" not in out


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_card_says_how_it_was_judged_and_what_was_answered(capsys, home, language):
    code, out = run(capsys, "card", "--models", home / "models", "--language", language)
    page = next((home / "models").glob(f"0001-*/card.{language}.html")).read_text(encoding="utf-8")

    assert code == 0
    assert "counted before the first call" in out
    assert "counted before the first call" in page
    assert f'lang="{language}"' in page


def test_models_are_promoted_compared_and_rolled_back(capsys, home):
    arguments = ("--declare", home / "leads.toml", "--into", home / "models", "--no-promote", "--by", "Can")
    run(capsys, "train", home / "leads.csv", *arguments)
    registry = Registry(home / "models")
    first, second = registry.versions()[:2]
    _, out = run(capsys, "models", "--models", home / "models", "--compare", second, "--on", home / "later.csv")

    assert registry.current() == first
    assert json.loads(out)["challenger_better"] is False  # the same model is not better than itself
    registry.promote(second, by="Can")
    assert registry.current() == second
    assert registry.roll_back(by="Elif") == first
    assert [entry["what"] for entry in registry.history()] == ["promoted", "promoted", "rolled back"]


def test_a_model_that_was_changed_on_disk_is_refused(home, tmp_path):
    import shutil

    shutil.copytree(home / "models", tmp_path / "models")
    registry = Registry(tmp_path / "models")
    file = tmp_path / "models" / registry.current() / "model.skops"
    file.write_bytes(file.read_bytes() + b" ")

    with pytest.raises(WorkspaceError, match="not the file that its manifest describes"):
        registry.load()


@pytest.mark.parametrize("encoding", [None, 1])
def test_a_model_whose_columns_were_prepared_in_another_way_is_refused(home, tmp_path, encoding):
    """It would score, and say something else than it was judged by. The control is the model as it was stored."""
    folder = shutil.copytree(home / "models", tmp_path / "models")
    manifest = folder / Registry(folder).current() / MANIFEST
    told = json.loads(manifest.read_text(encoding="utf-8"))
    assert Registry(folder).load().model.columns
    manifest.write_text(json.dumps(told | {"versions": told["versions"] | {"encoding": encoding}}), encoding="utf-8")

    with pytest.raises(WorkspaceError, match="made by an earlier salescoach"):
        Registry(folder).load()


def test_a_pickle_is_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    file = tmp_path / "model.skops"
    file.write_bytes(pickle.dumps(Trap()))

    with pytest.raises(InputError, match="Pickles are never opened"):
        load_trusted(file)


def test_a_type_that_is_not_on_the_list_is_refused(home, tmp_path):
    """A skops file may name any function; one that is not ours is not loaded."""
    source = next((home / "models").glob("0001-*/model.skops"))
    foreign = tmp_path / "model.skops"
    with zipfile.ZipFile(source) as good, zipfile.ZipFile(foreign, "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            if name == "schema.json":
                data = data.replace(b'"salescoach.scoring.encoding"', b'"os"').replace(b'"Binned"', b'"PathLike"')
            bad.writestr(name, data)

    with pytest.raises(InputError, match="not trusted"):
        load_trusted(foreign)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_list_holds_no_live_formula(tmp_path, ending):
    path = tmp_path / f"list{ending}"
    write_rows([["lead"], ['=HYPERLINK("x")'], ["+1"], ["@x"]], path)

    if ending == ".csv":
        assert all(line[0] in "l'\"" for line in path.read_text(encoding="utf-8-sig").splitlines())
        assert "\n=" not in path.read_text(encoding="utf-8-sig")
    else:
        with zipfile.ZipFile(path) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
