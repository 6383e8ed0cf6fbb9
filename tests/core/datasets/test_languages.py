"""Languages: found out from documents, and searched as they are written."""

# ruff: noqa: RUF001 - letters of many scripts are the subject
from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.collection_writer import write_collection
from core.datasets.languages.detection import detect_language
from core.datasets.languages.names import NAMES, checked_language, language_name
from core.datasets.languages.scripts import language_of_script
from core.domain.documents import Document
from core.domain.errors import InvalidInputError

TEXTS = {
    "en": "The ferry to the island leaves at nine in the morning and comes back in the evening.",
    "de": "Die Fähre zur Insel fährt um neun Uhr morgens ab und kommt am Abend zurück.",
    "fr": "Le ferry pour l'île part à neuf heures du matin et revient dans la soirée.",
    "es": "El transbordador a la isla sale a las nueve de la mañana y vuelve por la tarde.",
    "ru": "Паром на остров отправляется в девять часов утра и возвращается вечером.",
    "ar": "تغادر العبارة إلى الجزيرة في التاسعة صباحا وتعود في المساء.",
    "he": "המעבורת לאי יוצאת בתשע בבוקר וחוזרת בערב.",
    "hi": "द्वीप के लिए नौका सुबह नौ बजे निकलती है और शाम को लौटती है।",
    "zh": "前往岛屿的渡轮早上九点出发晚上返回。",
    "ja": "島へのフェリーは朝九時に出発し、夕方に戻ります。",
    "ko": "섬으로 가는 여객선은 아침 아홉 시에 출발하여 저녁에 돌아옵니다.",
    "th": "เรือข้ามฟากไปเกาะออกเดินทางเวลาเก้าโมงเช้าและกลับมาในตอนเย็น",
    "km": "កាណូតឆ្លងទៅកោះចេញដំណើរនៅម៉ោងប្រាំបួនព្រឹក",
    "el": "Το φέρι για το νησί αναχωρεί στις εννέα το πρωί και επιστρέφει το βράδυ.",
}


@pytest.mark.parametrize("language", list(TEXTS))
def test_languages_are_found_out(language: str) -> None:
    assert detect_language([TEXTS[language]]) == language


@pytest.mark.parametrize("text", ["", "12 34 --", "alpha beta", "XR-200 Q7"])
def test_what_says_nothing_is_not_guessed(text: str) -> None:
    assert detect_language([text]) == "und"


def test_no_language_has_the_half() -> None:
    thirds = [TEXTS[language] * 120 for language in ("en", "zh", "ru")]
    assert detect_language(thirds) == "und"
    assert detect_language([*thirds, TEXTS["zh"] * 120, TEXTS["zh"] * 120]) == "zh"


def test_the_script_decides_with_foreign_words_inside() -> None:
    assert language_of_script("使用 Docker 和 Kubernetes 部署应用程序的方法和步骤说明") == "zh"
    assert language_of_script("Docker and Kubernetes 部署") == ""
    assert language_of_script("") == ""


def test_code_is_known_by_the_names_of_its_files() -> None:
    ids = ["src/main.py#1", "src/main.py#2", "lib/tool.rs:30"]
    assert detect_language(["def main(): ..."] * 3, ids) == "code"
    assert detect_language([TEXTS["en"]] * 3, ["doc1", "doc2", "main.py"]) == "en"


def test_names() -> None:
    assert (language_name("zh"), language_name("code"), language_name("und")) == ("Chinese", "source code", "not known")
    assert checked_language(" DE ") == "de"
    assert len(NAMES) > 90
    with pytest.raises(InvalidInputError, match="Unknown language 'english'"):
        checked_language("english")


def collection(tmp_path: Path, language: str, texts: list[str]) -> CollectionFile:
    documents = [Document(id=str(n), text=text) for n, text in enumerate(texts)]
    written = write_collection(tmp_path, documents, (), {}, None, name="x", origin="x", language=language)
    return CollectionFile(written.path)


def found(reader: CollectionFile, words: str) -> list[str]:
    return sorted(document.id for document in reader.search(words, 10))


@pytest.mark.parametrize(
    ("language", "texts", "words", "expected"),
    [
        ("en", ["Ferries leave", "a boat"], "ferry", ["0"]),
        ("de", ["Fähren fahren", "Das Boot"], "fahren", ["0"]),
        ("de", ["Fähren fahren", "Das Boot"], "FÄHREN", ["0"]),
        ("de", ["leaving", "Das Boot"], "leave", []),
        ("hi", ["किताब पढ़ना", "नौका"], "किताब", ["0"]),
        ("hi", ["किताब पढ़ना", "नौका"], "कित", []),
        ("ar", ["العبارة تغادر", "المساء"], "العبارة", ["0"]),
        ("zh", ["北京的天气今天很好", "上海明天有大雨", "天气"], "天气", ["0", "2"]),
        ("zh", ["北京的天气今天很好", "上海明天有大雨", "天气"], "北京 天气", ["0"]),
        ("zh", ["北京的天气今天很好", "上海明天有大雨"], "天气今天", ["0"]),
        ("zh", ["北京的天气今天很好", "上海明天有大雨"], "明天有小雨", ["1"]),
        ("zh", ["北京的天气今天很好", "上海明天有大雨"], "雨 雪", ["1"]),
        ("th", ["เรือข้ามฟากไปเกาะ", "รถไฟไปเชียงใหม่"], "เชียงใหม่", ["1"]),
        ("ja", ["島へのフェリー", "東京タワー"], "フェリー", ["0"]),
        ("ko", ["여객선은 출발하여", "기차"], "여객선", ["0"]),
        ("code", ["def parse_int(x): ...", "return x % 2"], "parse_int(x", ["0"]),
        ("code", ["def parse_int(x): ...", "return y % 2"], "x", ["0"]),
        ("code", ["a_b", "axb"], "_b", ["0"]),
        ("und", ["Ferries leave", "ferry"], "ferry", ["1"]),
    ],
)
def test_search_suits_the_language(
    tmp_path: Path, language: str, texts: list[str], words: str, expected: list[str]
) -> None:
    assert found(collection(tmp_path, language, texts), words) == expected


@pytest.mark.parametrize("language", ["zh", "code", "hi", "und"])
@pytest.mark.parametrize("words", ['"', "%", "_", "\\", "a\x00b", "NEAR(", "天", "x" * 500, "-", "ि", "\ud800"])
def test_no_words_break_a_search(tmp_path: Path, language: str, words: str) -> None:
    assert len(collection(tmp_path, language, ["one 天 text_x", "two"]).search(words, 1)) <= 1


def test_the_language_is_in_the_fingerprint_only_where_it_is_not_english(tmp_path: Path) -> None:
    english, german, found_out = (collection(tmp_path, language, [TEXTS["en"]]) for language in ("en", "de", "auto"))
    assert english.fingerprint == found_out.fingerprint != german.fingerprint
    assert english.fingerprints == german.fingerprints
    assert (english.language, german.language) == ("en", "de")
