"""The keys that names are searched by: what a person types, freed of case, accents and punctuation."""

import unicodedata

_HOOKED = str.maketrans("ɓɗƙƴɠ", "bdkyg")
"""Hausa's hooked letters, which Unicode doesn't decompose and few keyboards have."""


def search_key(text: str) -> str:
    """The words of a text in order, in lower case, without accents, one space between: "Ṣọlá O'Neil" is "sola o neil".

    Applied to its own answer, it changes nothing. A text without letters or digits gives an empty key.
    """
    bare = _without_marks(_without_marks(text).casefold()).translate(_HOOKED)
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def reversed_search_key(name: str) -> str:
    """The same with the last word first, as registers list people: "Adaeze Okafor" is "okafor adaeze"."""
    return last_word_first(search_key(name))


def last_word_first(key: str) -> str:
    """The reversed search key of what has this search key."""
    words = key.split()
    return " ".join(words[-1:] + words[:-1])


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.category(c).startswith("M"))
