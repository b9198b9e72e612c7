"""The catalogues: whole, the same in both languages, kind, and without the traps of Turkish."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from metric_names import NAMES

from salescoach.language import CODES, language
from salescoach.metrics import METRICS, NA_REASONS, WARNINGS
from salescoach.resources import load_words, templates
from salescoach.words import Words, fill, flatten, slots

FILES = sorted(path.name for path in templates("words", "en").glob("*.toml"))
LABELS = {
    "label.as_of": "Veri tarihi",
    "label.deal": "Fırsat",
    "label.account": "Müşteri hesabı",
    "label.stage": "Aşama",
    "label.amount": "Tutar",
    "label.next_step": "Sonraki adım",
    "label.owner": "Fırsat sahibi",
    "label.peers": "Akran grubu",
    "label.period": "Dönem",
    "label.verdict": "Hüküm",
    "label.action_item": "Aksiyon maddesi",
    "na.cell": "hesaplanamadı",
}

# English that the glossary has a Turkish word for, and Turkish that it rules out.
NOT_TURKISH = (
    "account", "agenda", "amount", "brief", "churn", "close", "coach", "coaching", "coverage", "dashboard", "deal",
    "discount", "feedback", "follow-up", "forecast", "goal", "lead", "metric", "owner", "pace", "peer", "pipeline",
    "prospect", "quota", "review", "sales", "score", "snapshot", "stage", "status", "target", "team", "win rate",
    "boru hattı", "skor kartı", "oryantasyon", "satış öngörüsü", "ortanca", "ısınma",
)  # fmt: skip


def catalogue(code: str, file: str) -> dict[str, str]:
    """The texts of one file by dotted key."""
    return flatten(tomllib.loads(templates("words", code, file).read_text(encoding="utf-8")))


def sentences(code: str) -> Iterator[tuple[str, str]]:
    """Every key of one language with its text."""
    for file in FILES:
        yield from catalogue(code, file).items()


def suffixed(text: str) -> list[str]:
    """Places where a letter or an apostrophe hangs on a slot."""
    return re.findall(r"\}['’]?[^\W\d_]+|\}['’]", text)


def borrowed(text: str) -> list[str]:
    """Words in a Turkish text that the glossary has a Turkish word for; slots and file names do not count."""
    folded = language("tr").fold(re.sub(r"\{\w+\}|\w+\.(?:db|toml|csv|html)", " ", text))
    return [word for word in NOT_TURKISH if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded)]


# --- the two languages say the same ---------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_both_languages_have_the_same_keys(file: str):
    assert catalogue("tr", file).keys() == catalogue("en", file).keys()


def test_neither_language_has_a_file_of_its_own():
    assert sorted(path.name for path in templates("words", "tr").glob("*.toml")) == FILES


@pytest.mark.parametrize("file", FILES)
def test_both_languages_have_the_same_slots(file: str):
    en, tr = catalogue("en", file), catalogue("tr", file)
    assert {key: slots(tr[key]) for key in tr} == {key: slots(en[key]) for key in en}


@pytest.mark.parametrize("code", CODES)
def test_every_plural_has_both_forms(code: str):
    keys = set(load_words(code).keys())
    stems = {key.rsplit(".", 1)[0] for key in keys if key.endswith((".one", ".other"))}
    assert stems
    assert {f"{stem}.{form}" for stem in stems for form in ("one", "other")} <= keys


# --- Turkish ------------------------------------------------------------------------------------------


def test_no_turkish_suffix_hangs_on_a_slot():
    """Vowel harmony: %20'ye but %25'e; nobody knows beforehand what the slot will hold."""
    assert {key: suffixed(text) for key, text in sentences("tr") if suffixed(text)} == {}


@pytest.mark.parametrize("wrong", ["{rep}'in kotası", "{value}’e ulaştı", "{team}deki fırsatlar", "{n}'"])
def test_a_suffix_on_a_slot_would_be_seen(wrong: str):
    """Negative control."""
    assert suffixed(wrong)


def test_no_english_word_where_the_glossary_has_a_turkish_one():
    assert {key: borrowed(text) for key, text in sentences("tr") if borrowed(text)} == {}


def test_an_english_word_would_be_seen():
    """Negative control; a Turkish word that only contains one is fine."""
    assert borrowed("Pipeline için feedback") == ["feedback", "pipeline"]
    assert borrowed("Veri alanı: {status}. İdealde her aşama") == []


@pytest.mark.parametrize("metric_id", METRICS)
def test_metrics_are_named_as_in_the_glossary(metric_id: str):
    names = tuple(load_words(code)(f"metric.{metric_id}.name") for code in ("en", "tr"))
    assert names == NAMES[metric_id]


@pytest.mark.parametrize("key", LABELS)
def test_labels_are_the_glossary_terms(key: str):
    assert load_words("tr")(key) == LABELS[key]


# --- complete and readable --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("metric_id", METRICS)
def test_every_metric_has_its_words(code: str, metric_id: str):
    words = load_words(code)
    assert len(words(f"metric.{metric_id}.short")) <= 24
    assert words(f"metric.{metric_id}.definition").endswith(".")
    assert words(f"metric.{metric_id}.formula")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("reason", NA_REASONS)
def test_every_missing_value_has_a_whole_sentence(code: str, reason: str):
    sentence = load_words(code)(f"na.{reason}")
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("warning", WARNINGS)
def test_every_warning_has_a_whole_sentence(code: str, warning: str):
    sentence = load_words(code)(f"warning.{warning}")
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_nothing_shouts_and_nothing_is_cut(code: str):
    """No exclamation mark, no space at an end, no double space, no code of markup."""
    for key, text in sentences(code):
        assert "!" not in text, key
        assert text == text.strip(), key
        assert "  " not in text, key
        assert not re.search(r"</?\w|&\w+;", text), key


def test_the_standing_notice_stands_as_it_was_decided():
    assert load_words("en")("notice.footer", date="31 Dec 2025") == (
        "Coaching record. Data as of 31 Dec 2025. Not a decision. You may comment on or object to any number."
    )
    assert load_words("tr")("notice.footer", date="31.12.2025") == (
        "Koçluk kaydıdır. Veri tarihi: 31.12.2025. Karar niteliği taşımaz. "
        "Her değere yorum yazabilir veya itiraz edebilirsiniz."
    )


def test_slots_are_explained_in_the_english_file():
    """Someone who fills a text finds its slots in a comment of the same table or of the file's head."""
    source = templates("words", "en", "review.toml").read_text(encoding="utf-8")
    explained = set(re.findall(r"\w+", " ".join(re.findall(r"^#.*$", source, re.M))))
    used = {slot for text in catalogue("en", "review.toml").values() for slot in slots(text)}
    assert used - explained == set()


# --- the machinery ----------------------------------------------------------------------------------------


@pytest.fixture
def words() -> Words:
    """A catalogue small enough to check by hand."""
    texts = {
        "hello": "Rep: {rep}", "deals.one": "One deal", "deals.other": "{n} deals", "plain": "Yes",
        "left.one": "{n} deal of {rep}", "left.other": "{n} deals of {rep}",
    }  # fmt: skip
    return Words(language("en"), texts)


def test_a_slot_is_filled(words: Words):
    assert words("hello", rep="Elif") == "Rep: Elif"


def test_a_missing_key_is_named_with_its_language(words: Words):
    with pytest.raises(KeyError, match=r"'goodbye'.*'en'"):
        words("goodbye")


@pytest.mark.parametrize("values", [{}, {"rep": "Elif", "team": "A"}, {"Rep": "Elif"}])
def test_a_slot_left_out_or_unknown_is_an_error(words: Words, values: dict[str, str]):
    with pytest.raises(KeyError, match="hello"):
        words("hello", **values)


def test_the_plural_picks_its_form_and_writes_the_number(words: Words):
    assert [words.plural("deals", n) for n in (0, 1, 2, 1200)] == ["0 deals", "One deal", "2 deals", "1,200 deals"]
    assert words.plural("left", 1, rep="Elif") == "1 deal of Elif"


def test_text_from_people_is_not_read_as_a_template(words: Words):
    assert words("hello", rep="{rep} {0} {rep.__class__}") == "Rep: {rep} {0} {rep.__class__}"
    assert "class" in "Rep: {rep.__class__}".format(rep="Elif")  # negative control: str.format looks inside


def test_a_whole_number_is_written_in_the_language_and_a_fraction_is_refused(words: Words):
    assert words("hello", rep=12345) == words("hello", rep=np.int64(12345)) == "Rep: 12,345"
    with pytest.raises(TypeError, match="rep"):
        words("hello", rep=0.25)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["{rep.name}", "{0}", "{rep!r}", "{n:.2f}", "{", "a } b", "{Rep}"])
def test_a_slot_is_only_a_name(wrong: str):
    with pytest.raises(ValueError, match="a slot is a name"):
        Words(language("en"), {"key": wrong})


def test_asking_what_is_there(words: Words):
    assert words.has("hello")
    assert not words.has("goodbye")
    assert words.slots("hello") == {"rep"}
    assert all(first < second for first, second in pairwise(words.keys()))


def test_filling_happens_once():
    assert fill("{a}{b}", {"a": "{b}", "b": "x"}) == "{b}x"


@pytest.mark.parametrize("wrong", [{"a": ""}, {"a": 3}, {"a": {"b": ["x"]}}])
def test_a_catalogue_holds_only_texts(wrong: dict[str, object]):
    with pytest.raises(ValueError, match="a catalogue holds only texts"):
        flatten(wrong)
