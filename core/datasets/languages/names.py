"""Languages a collection can be in, by ISO 639-1 code, and the two that are none: source code and unknown."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.errors import InvalidInputError

AUTO, CODE, UNKNOWN = "auto", "code", "und"

_LISTED = """
af Afrikaans, am Amharic, ar Arabic, as Assamese, az Azerbaijani, be Belarusian, bg Bulgarian, bn Bengali, br Breton,
bs Bosnian, ca Catalan, cs Czech, cy Welsh, da Danish, de German, el Greek, en English, eo Esperanto, es Spanish,
et Estonian, eu Basque, fa Persian, fi Finnish, fo Faroese, fr French, ga Irish, gl Galician, gu Gujarati, ha Hausa,
he Hebrew, hi Hindi, hr Croatian, ht Haitian Creole, hu Hungarian, hy Armenian, id Indonesian, ig Igbo, is Icelandic,
it Italian, ja Japanese, jv Javanese, ka Georgian, kk Kazakh, km Khmer, kn Kannada, ko Korean, ku Kurdish, ky Kyrgyz,
la Latin, lb Luxembourgish, lo Lao, lt Lithuanian, lv Latvian, mg Malagasy, mk Macedonian, ml Malayalam, mn Mongolian,
mr Marathi, ms Malay, mt Maltese, my Burmese, ne Nepali, nl Dutch, no Norwegian, oc Occitan, or Odia, pa Punjabi,
pl Polish, ps Pashto, pt Portuguese, qu Quechua, ro Romanian, ru Russian, rw Kinyarwanda, sa Sanskrit, sd Sindhi,
si Sinhala, sk Slovak, sl Slovenian, so Somali, sq Albanian, sr Serbian, sv Swedish, sw Swahili, ta Tamil, te Telugu,
tg Tajik, th Thai, tk Turkmen, tl Tagalog, tr Turkish, tt Tatar, ug Uyghur, uk Ukrainian, ur Urdu, uz Uzbek,
vi Vietnamese, xh Xhosa, yo Yoruba, zh Chinese, zu Zulu
"""
NAMES: Mapping[str, str] = dict(entry.strip().split(" ", 1) for entry in _LISTED.replace("\n", " ").split(","))
UNSPACED = frozenset({"zh", "ja", "ko", "th", "lo", "km", "my"})
"""Languages whose words cannot be told apart by blanks (Korean glues particles to them)."""


def language_name(code: str) -> str:
    """In words: "Chinese", "source code", "not known"."""
    return {CODE: "source code", UNKNOWN: "not known"}.get(code) or NAMES.get(code, code)


def checked_language(given: str) -> str:
    """ "auto", "code", "und" or a code of NAMES as it is given to an import; InvalidInputError for anything else."""
    plain = given.strip().lower()
    if plain in (AUTO, CODE, UNKNOWN) or plain in NAMES:
        return plain
    raise InvalidInputError(
        f"Unknown language {given!r}. Allowed: auto (find out), code (source code), und (none of these), "
        f"or an ISO 639-1 code: {', '.join(NAMES)}."
    )
