"""Terms by language: pairs of characters, stemmers, stop words, identifiers, and places that stay right."""

# ruff: noqa: RUF001  (characters that look alike are what is tested)

from __future__ import annotations

import subprocess
import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.measures.analysis import STOP_WORDS, Analyzer
from core.measures.analysis.words import STEMMERS
from core.measures.terms import matching_spans

ALPHABET = "aB9_ '\u2019ßİIé한국中文の。ｶﾞテーทีน่ำहिन्दीكتاب\u200c\u0301X"
LANGUAGES = ("en", "und", "zh", "th", "de", "tr", "hi", "fa", "he", "code")


def terms(language: str, text: str) -> list[tuple[str, str]]:
    """Stems with what they stand on."""
    return [(term.stem, text[term.start : term.end]) for term in Analyzer(language).terms(text)]


def test_chinese_is_pairs_of_characters_with_latin_words_between() -> None:
    assert terms("zh", "我们用BERT模型，2杯") == [
        ("我们", "我们"), ("们用", "们用"), ("bert", "BERT"), ("模型", "模型"), ("2", "2"), ("杯", "杯"),
    ]  # fmt: skip


def test_a_lone_character_is_a_term() -> None:
    assert Analyzer("zh").stems("茶 。 茶") == ["茶", "茶"]


def test_width_and_composition_do_not_matter() -> None:
    assert terms("ja", "ｶﾞｲﾄﾞ") == [("ガイ", "ｶﾞｲ"), ("イド", "ｲﾄﾞ")]
    assert Analyzer("ja").stems("ガイド") == Analyzer("ja").stems("ｶﾞｲﾄﾞ")
    assert Analyzer("ja").stems("ＢＥＲＴ") == ["bert"]
    assert (
        Analyzer("ko").stems(unicodedata.normalize("NFD", "한국어"))
        == Analyzer("ko").stems("한국어")
        == ["한국", "국어"]
    )


def test_long_vowels_and_repeats_belong_to_japanese() -> None:
    assert Analyzer("ja").stems("コーヒー") == ["コー", "ーヒ", "ヒー"]
    assert Analyzer("ja").stems("人々") == ["人々"]


def test_thai_marks_stay_with_their_letter() -> None:
    assert terms("th", "ที่นี่") == [("ที่นี่", "ที่นี่")]  # two characters of three code points each
    assert [place for _, place in terms("th", "ที่นี่กา")] == ["ที่นี่", "นี่ก", "กา"]


def test_korean_pairs_do_not_cross_blanks() -> None:
    assert Analyzer("ko").stems("한국어 검색") == ["한국", "국어", "검색"]


@pytest.mark.parametrize(
    ("language", "text", "stems"),
    [
        ("de", "Die Häuser der Straße, STRASSE", ["haus", "strass", "strass"]),
        ("fr", "L\u2019homme et les chevaux", ["homm", "cheval"]),
        ("es", "los niños corrieron", ["niñ", "corr"]),
        ("ru", "и книги в библиотеках", ["книг", "библиотек"]),
        ("tr", "İSTANBUL'DA IŞIK", ["istanbul", "ışık"]),
        ("hi", "लड़कियों", ["लड़क"]),
        ("ar", "العربي", ["عرب"]),
        ("he", "ספרים ודגים", ["ספרים", "ודגים"]),
        ("und", "The Ferries RUN", ["the", "ferries", "run"]),
    ],
)
def test_words_are_folded_stemmed_and_without_stop_words(language: str, text: str, stems: list[str]) -> None:
    assert Analyzer(language).stems(text) == stems


def test_combining_marks_do_not_part_words() -> None:
    assert [place for _, place in terms("hi", "हिन्दी में")] == ["हिन्दी", "में"]


def test_every_stemmer_is_there() -> None:
    for language in STEMMERS:
        assert Analyzer(language).stems("Runoff 9") != []


def test_identifiers_are_whole_and_in_parts() -> None:
    assert terms("code", "parseJSONFile2(my_var)") == [
        ("parsejsonfile2", "parseJSONFile2"), ("parse", "parse"), ("json", "JSON"), ("file", "File"), ("2", "2"),
        ("my_var", "my_var"), ("my", "my"), ("var", "var"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("self", ["self"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("__init__", ["__init__", "init"]),
        ("for the running", ["for", "the", "running"]),
        ("x='utf8'", ["x", "utf8", "utf", "8"]),
        ("os.path", ["os", "path"]),
        ("# 中文注", ["中文", "文注"]),
        ("___", ["___"]),
    ],
)
def test_code_is_neither_stemmed_nor_stopped(text: str, stems: list[str]) -> None:
    assert Analyzer("code").stems(text) == stems


def test_overlapping_pairs_are_marked_as_one_place() -> None:
    assert matching_spans("检索模型", "使用检索模型中的模型", "zh") == ((2, 6), (8, 10))
    assert matching_spans("parse file", "parseJSONFile", "code") == ((0, 5), (9, 13))
    assert matching_spans("parseJSONFile", "parseJSONFile(file)", "code") == ((0, 13), (14, 18))


def test_english_is_what_it_was() -> None:
    text = "The Operators' ferries, and THE 9 o\u2019clock run-ning! ΣΊΣΥΦΟΣ 中文字 ﬁne"
    assert Analyzer().stems(text) == Analyzer("en").stems(text)
    assert Analyzer().stems(text) == ["oper", "ferri", "9", "o'clock", "run", "ning", "σίσυφος", "中文字", "ﬁne"]
    assert len(STOP_WORDS) == 33


@given(st.sampled_from(LANGUAGES), st.one_of(st.text(max_size=40), st.text(alphabet=ALPHABET, max_size=40)))
def test_places_lie_in_the_text_and_rise(language: str, text: str) -> None:
    found = list(Analyzer(language).terms(text))
    assert [term.stem for term in found] == Analyzer(language).stems(text)
    assert all(0 <= term.start < term.end <= len(text) for term in found)
    assert [term.start for term in found] == sorted(term.start for term in found)


@given(st.sampled_from(LANGUAGES), st.text(alphabet=ALPHABET, max_size=30))
def test_marks_never_overlap_and_cover_every_term(language: str, text: str) -> None:
    spans = matching_spans(text, text, language)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    for term in Analyzer(language).terms(text):
        assert any(start <= term.start and term.end <= end for start, end in spans)


def test_stop_words_do_not_bring_a_heavy_library() -> None:
    code = (
        "import sys; from core.measures.terms import matching_spans; "
        "assert matching_spans('Häuser', 'das Haus', 'de') == ((4, 8),); "
        "print(*(name for name in ('bm25s', 'scipy', 'torch', 'pandas') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
