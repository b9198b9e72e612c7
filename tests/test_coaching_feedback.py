"""Feedback leans on evidence, is about what was done, comes in time; and a number can be disputed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from coaching_support import keys, read

from salescoach.calendar import Calendar
from salescoach.coaching.disputes import Dispute, Figure, acknowledge_by, answered
from salescoach.coaching.feedback import (
    Evidence,
    Feedback,
    Reading,
    Rule,
    balance,
    composed,
    lint,
    overdue,
    timeliness,
)
from salescoach.coaching.remarks import blocked
from salescoach.language import language
from salescoach.resources import load_words

GIVEN = date(2026, 4, 10)
PHRASES = {
    "en": {
        "person": ["you are", "your attitude", "lazy"],
        "absolutes": ["always", "never", "every time"],
        "comparison": ["better ... than"],
        "protected": ["pregnant", "pregnancy", "your age"],
        "emotion": ["you were angry"],
        "vague": ["in general"],
        "certainty": ["clearly improved"],
        "but": ["but", "however"],
    },
    "tr": {
        "person": ["tembel", "siz hep", "ilgisizsiniz"],
        "absolutes": ["her zaman", "hep", "asla", "hiç", "sürekli"],
        "comparison": ["göre daha"],
        "protected": ["hamile", "yaşınız"],
        "emotion": ["sinirliydiniz"],
        "vague": ["genel olarak"],
        "certainty": ["kesinlikle iyileşti"],
        "but": ["ama", "ancak"],
    },
}
EXEMPT = {("tr", "absolutes"): ("sürekli iyileştirme",)}
SAID = Feedback(
    "development",
    "R1",
    happened=date(2026, 4, 8),
    situation="the demo at Acme",
    behaviour="you showed eleven screens before the first question",
    impact="the buyer asked for a summary by mail",
    suggestion="agree on three needs first",
    ask="How do you see it?",
    evidence=(Evidence("observation", "O17", "R1", "signal"),),
)
SOYLENEN = replace(
    SAID,
    situation="Acme ürün gösterimi",
    behaviour="ilk sorudan önce on bir ekran gösterdiniz",
    impact="alıcı özet istedi",
    suggestion="önce üç ihtiyaçta anlaşın",
    ask="Siz nasıl değerlendiriyorsunuz?",
)


def reading(code: str = "en", **more) -> Reading:
    given = {"given": GIVEN, "colleagues": ("Umut Kaya", "Elif Aydın")} | more
    rules = {name: Rule(tuple(phrases), EXEMPT.get((code, name), ())) for name, phrases in PHRASES[code].items()}
    return Reading(language(code), rules, Calendar(), **given)


def found(code: str = "en", **change) -> list[str]:
    return keys(lint(replace(SAID if code == "en" else SOYLENEN, **change), reading(code)))


@pytest.mark.parametrize("code", ["en", "tr"])
def test_a_text_about_one_event_with_its_evidence_is_left_alone(code):
    """Negative control of all that follows."""
    assert found(code) == []


@pytest.mark.parametrize(
    ("code", "behaviour", "rule"),
    [
        ("en", "You ARE late with it", "person"),
        ("tr", "TEMBELSİNİZ", "person"),
        ("en", "you never ask", "absolutes"),
        ("tr", "Hiç soru sormadınız", "absolutes"),
        ("en", "you did better in this demo than others", "comparison"),
        ("tr", "ekibe göre daha yavaş", "comparison"),
        ("en", "since your pregnancy", "protected"),
        ("tr", "hamileliğinizden beri", "protected"),
        ("en", "you were angry", "emotion"),
        ("tr", "sinirliydiniz", "emotion"),
        ("en", "in general, demos run long", "vague"),
        ("tr", "Genel olarak uzun", "vague"),
    ],
)
def test_what_is_not_about_the_task_is_named(code, behaviour, rule):
    remarks = lint(replace(SAID if code == "en" else SOYLENEN, behaviour=behaviour), reading(code))

    assert keys(remarks) == [f"feedback.phrase.{rule}"]
    assert blocked(remarks) is (rule == "protected")
    assert read(remarks, "tr")


@pytest.mark.parametrize(
    ("code", "behaviour"),
    [
        ("tr", "sürekli iyileştirme toplantısında üç öneri yazdınız"),  # exempt
        ("tr", "hepsini yazdınız"),  # "hep" is another word
        ("tr", "bu yaklaşımı yaşattınız"),  # begins like age
        ("en", "you nevertheless asked"),  # contains "never"
    ],
)
def test_words_that_only_look_alike_are_left_alone(code, behaviour):
    """Negative control: plain containment would find something in each of them."""
    hits = [phrase for rule in PHRASES[code].values() for phrase in rule if phrase[:3] in behaviour]

    assert hits
    assert found(code, behaviour=behaviour) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"situation": ""}, "feedback.part.situation"),
        ({"impact": ""}, "feedback.part.impact"),
        ({"suggestion": ""}, "feedback.part.suggestion"),
        ({"ask": ""}, "feedback.part.ask"),
        ({"points": 2}, "feedback.form.points"),
        ({"suggestion": "ask first!"}, "feedback.form.exclamation"),
        ({"suggestion": "word " * 160}, "feedback.form.long"),
        ({"suggestion": "watch Umut first"}, "feedback.form.named"),
        ({"happened": date(2026, 3, 2)}, "feedback.time.late"),
        ({"happened": None}, "feedback.time.no_event"),
    ],
)
def test_what_is_missing_or_too_much_is_advice(change, key):
    remarks = lint(replace(SAID, **change), reading())

    assert keys(remarks) == [key]
    assert not blocked(remarks)


def test_a_name_that_is_also_a_word_is_a_name_only_with_its_capital():
    assert found("tr", suggestion="bu umut veren adımı sürdürün") == []
    assert found("tr", suggestion="Elif’in notlarını okuyun") == ["feedback.form.named"]
    assert found("tr", suggestion="elif aydın gibi sorun") == ["feedback.form.named"]


def test_evidence_has_to_be_there_and_about_this_person():
    assert blocked(lint(replace(SAID, evidence=()), reading()))
    foreign = (*SAID.evidence, Evidence("deal", "D9", "R2"))
    assert keys(lint(replace(SAID, evidence=foreign), reading())) == ["feedback.evidence.foreign"]


def test_praise_is_not_taken_back_in_the_same_breath():
    praise = {"kind": "strength", "impact": "the buyer agreed, but the notes were missing"}

    assert found(**praise) == ["feedback.form.sandwich"]
    assert found(**(praise | {"kind": "development"})) == []


def test_a_claim_has_to_be_carried_by_its_evidence():
    sure = {"impact": "the close rate clearly improved"}

    assert found(**sure) == []
    assert found(**sure, evidence=(Evidence("metric", "win_rate_count", "R1", "hypothesis"),)) == [
        "feedback.phrase.certainty"
    ]


def test_the_text_names_its_evidence_and_asks():
    text = composed(replace(SOYLENEN, ask=""), load_words("tr"), ["gözlem O17"])

    assert text.splitlines() == [
        "Tarih: 08.04.2026",
        "Durum: Acme ürün gösterimi",
        "Gözlenen davranış: ilk sorudan önce on bir ekran gösterdiniz",
        "Etkisi: alıcı özet istedi",
        "Kanıt: gözlem O17",
        "Öneri: önce üç ihtiyaçta anlaşın",
        "Siz nasıl değerlendiriyorsunuz?",
    ]


def test_text_from_people_stays_text():
    odd = "{date} <b>*x*</b>"
    assert f"Effect: {odd}" in composed(replace(SAID, impact=odd), load_words("en"), [])


# --- in time --------------------------------------------------------------------------------------------------


def test_working_days_are_counted_not_days():
    """Wednesday 22 April to Wednesday 29: a holiday and a weekend lie between, four working days are left."""
    said = timeliness(date(2026, 4, 22), date(2026, 4, 29), Calendar(), target=4)

    assert said.key == "feedback.time.soon"
    assert said.slots["n"] == 4
    assert (date(2026, 4, 29) - date(2026, 4, 22)).days > 4  # negative control


def test_feedback_about_tomorrow_is_stopped():
    assert timeliness(date(2026, 4, 11), GIVEN, Calendar()).weight == "block"


def test_what_waits_too_long_is_listed_the_oldest_first():
    events = [("a", date(2026, 3, 20)), ("b", date(2026, 3, 2)), ("c", date(2026, 4, 9)), ("d", date(2026, 3, 2))]

    assert [ref for ref, _ in overdue(events, {"d"}, GIVEN, Calendar())] == ["b", "a"]


def test_only_points_to_develop_is_no_balance():
    assert balance(["development", "suggestion"]).key == "feedback.balance.no_strength"
    assert balance(["strength"] * 3).key == "feedback.balance.only_strengths"
    assert balance([]).key == "feedback.balance.even"


# --- a number in dispute ----------------------------------------------------------------------------------------

FIRST = Figure(0.20, 0.11, 0.34, 30, date(2026, 3, 31))
AGAIN = Figure(0.24, 0.14, 0.39, 28, date(2026, 3, 31))
RAISED = Dispute("win_rate_count", "R1", "C1", GIVEN, "two of these deals are not mine", FIRST)


def test_what_is_upheld_stands_beside_the_first_figure():
    after, missing = answered(RAISED, "upheld", "A1", "two deals were handed over", AGAIN)

    assert missing == ()
    assert after.figures == (FIRST, AGAIN)
    assert (RAISED.disputed, after.disputed) == (True, False)


@pytest.mark.parametrize(
    ("outcome", "by", "reasons", "again", "key"),
    [
        ("upheld", "A1", "handed over", None, "not_recomputed"),
        ("upheld", "C1", "handed over", AGAIN, "same_person"),
        ("declined", "R1", "counted rightly", None, "same_person"),
        ("declined", "A1", " ", None, "no_reasons"),
        ("declined", "A1", "counted rightly", AGAIN, "declined_but_changed"),
        ("acknowledged", "A1", "later", None, "no_outcome"),
    ],
)
def test_an_answer_needs_another_pair_of_eyes_reasons_and_a_recomputed_figure(outcome, by, reasons, again, key):
    after, missing = answered(RAISED, outcome, by, reasons, again)

    assert after == RAISED
    assert keys(missing) == [f"feedback.answer.{key}"]


def test_an_answer_is_not_changed_afterwards():
    closed, _ = answered(RAISED, "declined", "A1", "counted rightly")

    assert keys(answered(closed, "upheld", "A1", "after all", AGAIN)[1]) == ["feedback.answer.closed"]
    assert closed.figures == (FIRST,)


def test_receipt_is_due_in_three_working_days():
    assert acknowledge_by(RAISED, Calendar()) == date(2026, 4, 15)  # from Friday over a weekend
