"""Which passwords may be set: long enough, and none that is guessed first (NIST SP 800-63B, section 5.1.1.2).

There are no rules about kinds of characters: they make people write `Password2026!`, which is on every list.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from gql.auth.passwords import LONGEST_PASSWORD

SHORTEST_PASSWORD = 12
_COMMON = Path(__file__).with_name("common_passwords.list")
_OUR_NAME = "lenddesk"
_LEAST_OF_ONE_S_OWN = 8
"""Characters that a password must have besides the names that everybody knows."""
_SHORTEST_NAME = 3
_LEAST_SHARE_OF_WORD = 0.4
"""Of a password that is a common word and little else: enough digits round a word make a good one."""
_DISGUISES = str.maketrans("013457@$!", "oieastasi")


def flaw_of(password: str, *own: str) -> str | None:
    """Why this can't be set as a password, as a sentence; None where it can.

    `own` are the texts that whoever knows the account knows: email and name.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or not password.isprintable():
        return f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters that can be typed."
    plain = unicodedata.normalize("NFKC", password).casefold()
    if _is_common(plain):
        return "This password is one of those that are guessed first. Pick another, such as four words of your own."
    if _is_mostly_known(plain, own):
        return (
            "This password is little more than a name that others know. Pick another, such as four words of your own."
        )
    return None


def _is_common(plain: str) -> bool:
    """Whether it is on the list, also in disguise (`P@ssw0rd`), with a few digits at its ends, or said twice."""
    if plain in (plain + plain)[1:-1]:  # the same again and again, such as `abcabcabcabc`
        return True
    word = _word_in(plain)
    texts = (plain, plain.translate(_DISGUISES), word, word.translate(_DISGUISES))
    return not _common_passwords().isdisjoint(texts)


def _word_in(plain: str) -> str:
    """The word that digits and signs stand round, without its spaces and hyphens; empty where they are most of it."""
    word = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    return re.sub(r"[\s_.-]", "", word) if len(word) >= _LEAST_SHARE_OF_WORD * len(plain) else ""


def _is_mostly_known(plain: str, own: tuple[str, ...]) -> bool:
    """Whether little is left without the account's own names and ours."""
    known = {_OUR_NAME, *(word for text in own for word in re.findall(r"\w+", text.casefold()))}
    left = plain
    for word in sorted(known, key=len, reverse=True):
        if len(word) >= _SHORTEST_NAME:
            left = left.replace(word, "")
    return len(left) < min(_LEAST_OF_ONE_S_OWN, len(plain))


@cache
def _common_passwords() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))
