"""The checker of histories finds what is wrong in small ones made by hand, and nothing in those that are right."""

import random

import pytest

from tests.histories import Acknowledged, FaultKind, Link, Read, Refused, Write, faults

CHAIN = [Link("a1", "ada", None), Link("a2", "bola", "w2"), Link("a3", "chidi", "w3"), Link("a4", "ada", "w4")]
"""Ada at first; then Bola, Chidi, and Ada again."""


def wrote(token: str, manager: str, assignment: str, begun: float, ended: float, expected: int | None = None) -> Write:
    answer = Acknowledged(assignment, changed=True)
    return Write(token=token, manager=manager, begun=begun, ended=ended, expected=expected, answer=answer)


def saw(version: int, manager: str, begun: float, ended: float, reader: str | None = None) -> Read:
    return Read(version=version, manager=manager, begun=begun, ended=ended, reader=reader)


def saw_nobody(reader: str, begun: float, ended: float) -> Read:
    return Read(reader=reader, begun=begun, ended=ended)


W2 = wrote("w2", "bola", "a2", 10, 12)
W3 = wrote("w3", "chidi", "a3", 20, 22)
W4 = wrote("w4", "ada", "a4", 30, 32)
WRITES = [W2, W3, W4]


def refused(begun: float, ended: float, expected: int) -> Write:
    return Write(token="no", manager="ada", begun=begun, ended=ended, expected=expected, answer=Refused())


def nothing_to_do(manager: str, assignment: str, begun: float, ended: float) -> Write:
    answer = Acknowledged(assignment, changed=False)
    return Write(token="same", manager=manager, begun=begun, ended=ended, answer=answer)


def test_what_happened_one_after_the_other_is_right() -> None:
    reads: list[Write | Read] = [
        saw(1, "ada", 1, 2),
        saw(1, "ada", 3, 4, "ada"),
        saw_nobody("bola", 5, 6),
        saw(2, "bola", 13, 14, "bola"),
        saw_nobody("ada", 13, 14),
        refused(23, 24, 2),
        nothing_to_do("chidi", "a3", 25, 26),
        saw(4, "ada", 33, 34),
    ]
    assert faults(CHAIN, [*WRITES, *reads]) == []


def test_what_overlaps_may_have_happened_either_way() -> None:
    reads: list[Write | Read] = [
        saw(1, "ada", 11, 15),
        saw(2, "bola", 11, 11.5),
        saw_nobody("ada", 11, 15),
        saw(1, "ada", 11, 15, "ada"),
        refused(9, 10.5, 1),
        refused(11, 15, 2),
        nothing_to_do("ada", "a1", 9, 11),
    ]
    for read in reads:
        assert faults(CHAIN, [*WRITES, read]) == []


def test_a_write_without_an_answer_was_done_or_not() -> None:
    unknown = Write(token="w2", manager="bola", begun=10)
    assert faults(CHAIN, [unknown, W3, W4, saw(1, "ada", 11, 19)]) == []
    assert faults(CHAIN, [*WRITES, Write(token="never", manager="bola", begun=10)]) == []
    assert faults(CHAIN, [unknown, W3, W4, saw(2, "bola", 8, 9)])


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (wrote("lost", "bola", "a9", 13, 14), FaultKind.LOST),
        (wrote("lost", "bola", "a2", 13, 14), FaultKind.LOST),
        (nothing_to_do("bola", "a9", 13, 14), FaultKind.LOST),
        (nothing_to_do("ada", "a2", 13, 14), FaultKind.WRONG_VALUE),
        (nothing_to_do("ada", "a1", 13, 14), FaultKind.OUT_OF_ORDER),
        (saw(1, "ada", 12.5, 14), FaultKind.OUT_OF_ORDER),  # stale
        (saw(2, "bola", 8, 9.5), FaultKind.OUT_OF_ORDER),  # before it was written
        (saw(1, "ada", 12.5, 14, "ada"), FaultKind.OUT_OF_ORDER),  # by the old manager
        (saw(2, "bola", 12.5, 14, "ada"), FaultKind.SHOWN_TO_ANOTHER),
        (saw(2, "ada", 12.5, 14), FaultKind.WRONG_VALUE),
        (saw(5, "ada", 33, 34), FaultKind.WRONG_VALUE),
        (saw_nobody("bola", 13, 14), FaultKind.OUT_OF_ORDER),  # can only have been after a write that was yet to begin
        (saw_nobody("ada", 33, 34), FaultKind.HIDDEN),
        (refused(13, 14, 2), FaultKind.OUT_OF_ORDER),
        (refused(33, 34, 4), FaultKind.HIDDEN),
    ],
)
def test_one_wrong_answer_is_found(wrong: Write | Read, kind: FaultKind) -> None:
    assert kind in {fault.kind for fault in faults(CHAIN, [*WRITES, wrong])}


def test_two_reads_one_after_the_other_do_not_go_back() -> None:
    """Both are during the write: each by itself would be right."""
    write = wrote("w2", "bola", "a2", 10, 20)
    forth, back = saw(2, "bola", 11, 12), saw(1, "ada", 13, 14)
    assert faults(CHAIN[:2], [write, forth]) == faults(CHAIN[:2], [write, back]) == []
    assert [fault.kind for fault in faults(CHAIN[:2], [write, forth, back])] == [FaultKind.OUT_OF_ORDER]
    unseen = saw_nobody("ada", 11, 12)
    assert [fault.kind for fault in faults(CHAIN[:2], [write, unseen, back])] == [FaultKind.OUT_OF_ORDER]


def test_writes_in_another_order_than_they_were_acknowledged() -> None:
    late, early = wrote("w2", "bola", "a2", 20, 22), wrote("w3", "chidi", "a3", 10, 12)
    assert [fault.kind for fault in faults(CHAIN[:3], [late, early])] == [FaultKind.OUT_OF_ORDER]


def test_a_chain_with_what_nobody_asked_for() -> None:
    assert [fault.kind for fault in faults(CHAIN, [W2, W3])] == [FaultKind.UNASKED]
    not_done = Write(token="w4", manager="ada", begun=30, ended=32, expected=1, answer=Refused())
    assert FaultKind.UNASKED in {fault.kind for fault in faults(CHAIN, [W2, W3, not_done])}
    for_another = wrote("w4", "bola", "a4", 30, 32)
    assert FaultKind.UNASKED in {fault.kind for fault in faults(CHAIN, [W2, W3, for_another])}
    forked = [*CHAIN, Link("a5", "ada", None)]
    assert [fault.kind for fault in faults(forked, WRITES)] == [FaultKind.UNASKED]


def test_a_write_that_was_done_again() -> None:
    again = [*CHAIN, Link("a5", "bola", "w2")]
    assert [fault.kind for fault in faults(again, WRITES)] == [FaultKind.TWICE]


def test_a_write_that_expected_another_version() -> None:
    hasty = wrote("w3", "chidi", "a3", 20, 22, expected=1)
    assert [fault.kind for fault in faults(CHAIN, [W2, hasty, W4])] == [FaultKind.OVERWRITTEN]


def test_a_long_history_of_a_true_register_is_right_and_one_change_to_it_is_found() -> None:
    """A register in memory, and operations whose moment lies somewhere in them; then one read that comes too late."""
    draw = random.Random(7)
    chain = [Link("a1", "m0", None)]
    operations: list[Write | Read] = []
    for moment in range(1, 3_000):
        begun, ended = moment - 3 * draw.random(), moment + 3 * draw.random()
        current = chain[-1]
        if draw.random() < 0.5:
            manager = draw.choice([name for name in ("m0", "m1", "m2") if name != current.manager])
            chain.append(Link(f"a{len(chain) + 1}", manager, f"w{moment}"))
            operations.append(wrote(f"w{moment}", manager, chain[-1].assignment, begun, ended))
        elif draw.random() < 0.5:
            operations.append(saw(len(chain), current.manager, begun, ended))
        else:
            reader = draw.choice(("m0", "m1", "m2"))
            seen = saw(len(chain), reader, begun, ended, reader)
            operations.append(seen if reader == current.manager else saw_nobody(reader, begun, ended))
    assert faults(chain, operations) == []

    ends = [op.ended for op in operations if isinstance(op, Write) and op.token == chain[1_000].token]
    [written] = [end for end in ends if end is not None]
    late = saw(1_000, chain[999].manager, written + 0.1, written + 0.2)
    assert [fault.kind for fault in faults(chain, [*operations, late])] == [FaultKind.OUT_OF_ORDER]
