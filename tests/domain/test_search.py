"""The keys that names are searched by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.search import reversed_search_key, search_key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Adaeze Okafor", "adaeze okafor"),
        ("  ADAEZE \t okafor ", "adaeze okafor"),
        ("Ṣọlá O'Neil", "sola o neil"),
        ("Ɓaɗe Ƙofar-Mata", "bade kofar mata"),
        ("Straße & Söhne Ltd.", "strasse sohne ltd"),
        ("2026 SME Loans", "2026 sme loans"),
        ("!?.", ""),
        ("", ""),
    ],
)
def test_a_name_is_found_however_it_is_typed(typed: str, key: str) -> None:
    """Case, accents, hooks, punctuation and spaces don't matter."""
    assert search_key(typed) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [("Adaeze Okafor", "okafor adaeze"), ("Ada Ngozi Eze", "eze ada ngozi"), ("Ada", "ada"), ("", "")],
)
def test_a_person_is_found_by_the_last_name_first(name: str, key: str) -> None:
    """As registers list people."""
    assert reversed_search_key(name) == key


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    """So that it doesn't matter whether a prefix is taken before or after."""
    assert search_key(search_key(text)) == search_key(text)
