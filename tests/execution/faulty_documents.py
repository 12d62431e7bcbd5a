"""Documents that each meet something wrong in `tests.execution.faulty`, and the boxes that have it."""

from collections.abc import Mapping
from typing import Any

from tests.execution.faulty import Colour, Row, StrangeRow, TagRow
from tests.execution.faulty_context import Wrong


def _box(id: str, **values: Any) -> Row:
    good = {"strict": 1, "maybe": 2, "sum": 5, "owner": "whole", "thing": "tag", "text": "a text", "even": 2}
    inner = Row(strict=1, strict_inner=Row(strict=2))
    return Row(**{"id": id, **good, "strict_even": 2, "colour": Colour.RED, "strict_inner": inner, **values})


def all_boxes() -> Mapping[str, Any]:
    """The rows that they ask for, anew for each operation."""
    found = [
        _box("whole"),
        _box("null", strict=None),
        _box("words", strict="one", maybe="two", numbers=[1, "three"]),
        _box("raising", sum=Wrong("no sum"), inner=Wrong("no inner")),
        _box("zero", sum=0),
        _box("orphan", owner=None),
        _box("lost", owner="nobody"),
        _box("closed", closed=True, secret="not to be read"),
        _box("unsure", closed=Wrong("open or closed?"), secret=1),
        _box("odd", even=3, strict_even=5),
        _box("purple", colour="purple", strict_even=3),
        _box("textless", text=["no", "text"]),
        _box("strange", thing="stranger", boxes=7),
        _box("inside", inner=Row(maybe=1), inners=[Row(strict=1), None, Row(strict="x"), Row(strict=2)]),
        _box("deep", strict_inner=Row(strict=1, strict_inner=Row(strict=1, inner=Row(strict=None)))),
        TagRow(id="tag", strict=1, text="a tag"),
        TagRow(id="torn", strict="x", text="another tag"),
        StrangeRow(id="stranger", strict=1),
    ]
    boxes: dict[str, Any] = {box.id: box for box in found}
    some = [boxes["whole"], boxes["null"], None, boxes["zero"], boxes["orphan"]]
    boxes["family"] = _box(
        "family",
        boxes=some,
        strict_boxes=[boxes["whole"], boxes["purple"]],
        shelves=[some[:1], [], None, some[:2], some],
        strict_shelves=[some[:1], [boxes["odd"]]],
        matrix=[[1, 2], [3, None], None, [], ["four"]],
        numbers=[1, None],
        things=[boxes["whole"], boxes["tag"], boxes["torn"], boxes["stranger"], None],
    )
    boxes["gap"] = _box("gap", strict_shelves=[[], None], strict_boxes=[boxes["whole"], None], numbers=7)
    return boxes


QUERIES = {
    "nulls and words where numbers belong": """
        { boxes(ids: ["whole", "null", "words", "raising", "orphan", "lost", "closed", "odd", "purple", "nobody"]) {
        id strict maybe numbers } }""",
    "a list that may hold no null": """
        { strictBoxes(ids: ["whole", "null", "words", "raising", "orphan", "lost", "closed", "odd", "purple",
        "nobody"]) { id strict } size }""",
    "a computed field that raises": """
        { boxes(ids: ["whole", "null", "words", "raising", "orphan", "lost", "closed", "odd", "purple", "nobody"]) {
        id sum maySum } }""",
    "leaves that can't be serialised": """
        { boxes(ids: ["whole", "null", "words", "raising", "orphan", "lost", "closed", "odd", "purple", "nobody"]) {
        colour even strictEven } }""",
    "the same leaves where null is allowed": """
        { boxes(ids: ["whole", "null", "words", "raising", "orphan", "lost", "closed", "odd", "purple", "nobody"]) {
        id colour even } }""",
    "withheld leaves": '{ boxes(ids: ["closed", "unsure", "whole"]) { id secret guardedPage(size: 2) { id } } }',
    "a guard before an argument that is refused": """
        { boxes(ids: ["closed", "unsure", "whole"]) { guardedPage(size: 9) { id } again: page(size: 9) { id } } }""",
    "objects made inline": """
        { boxes(ids: ["inside", "deep", "raising"]) { id inner { strict maybe } inners { strict } strictInner {
        strict strictInner { inner { strict } } } } }""",
    "nulls up through objects": """
        { box(id: "deep") { strictInner { strict strictInner { strictInner { strict } } } } }""",
    "nulls up through lists": """
        { box(id: "family") { id numbers boxes { id strict } strictBoxes { colour strict } } }""",
    "nulls up to the whole list": '{ box(id: "family") { id strictBoxes { id strictEven strictOwner { id } } } }',
    "lists of lists": '{ box(id: "family") { matrix shelves { id strict } strictShelves { id strictEven } } }',
    "gaps in lists": '{ box(id: "gap") { id numbers strictBoxes { id } strictShelves { id } } }',
    "lists of lists with something loaded": """
        { box(id: "family") { shelves { id strictOwner { id } } strictShelves { strictOwner { strict } strictEven }
        } }""",
    "what is no list": '{ boxes(ids: ["strange", "gap"]) { id boxes { id } numbers } }',
    "rows of each kind": """
        { box(id: "family") { things { __typename id strict ... on Tag { text owner { id } } ... on Box { sum
        strictOwner { id } } } } }""",
    "a row of no type": '{ boxes(ids: ["strange", "whole"]) { id thing { id } } }',
    "a loader that fails": '{ boxes(ids: ["whole", "zero"]) { id broken { id } owner { id strict } text } }',
    "a loader that fails and may not": '{ boxes(ids: ["whole", "zero"]) { id owner { id strictBroken { id } } } }',
    "a loader that fails beside others": """
        { boxes(ids: ["whole", "zero"]) { broken { id } owner { owner { owner { id } } } text thing { id } } size }""",
    "failures on two levels": """
        { box { broken { id } owner { id strictBroken { id } thing { owner { broken { id } } } } } }""",
    "the first of several that bubble": """
        { boxes(ids: ["null"]) { id strict strictPage(size: 7) { id } strictBroken { id } } }""",
    "a sibling's error beside one that bubbles": '{ boxes(ids: ["words"]) { maybe strict numbers } }',
    "an error after one that bubbles": """
        { boxes(ids: ["words"]) { strict maybe } box(id: "orphan") { strictOwner { id } broken { id } } }""",
    "loaded siblings fail together": """
        { box { owner { strictBroken { id } broken { id } again: strictBroken { id } } } }""",
    "one key for many": '{ boxes(ids: ["whole", "zero", "words"]) { id owner { id page(size: 9) { id } } text } }',
    "one key for many, and null above it": """
        { boxes(ids: ["whole", "zero"]) { id strictOwner { strictPage(size: 9) { id } } } }""",
    "a key of null, and one that finds nobody": """
        { boxes(ids: ["orphan", "lost", "whole"]) { id owner { id } strictOwner { id } } }""",
    "a loaded leaf": '{ boxes(ids: ["textless", "whole"]) { id text } }',
    "aliases and merged fields": """
        { a: box(id: "zero") { x: maySum y: sum } b: box(id: "raising") { sum ...S sum } boxes(ids: ["raising"]) {
        owner { id } owner { page(size: 9) { id } } owner { page(size: 9) { strict } } } } fragment S on Thing { ...
        on Box { sum } strict }""",
    "conditions": """
        query($no: Boolean = false, $yes: Boolean = true) { box(id: "null") { id @skip(if: $yes) strict @include(if:
        $no) sum } other: box(id: "null") { __typename strict @skip(if: $no) } }""",
    "arguments by variables": 'query($size: Int = 9) { boxes(ids: ["whole", "zero"]) { page(size: $size) { id } } }',
    "null in place of a default": "query($of: Int = null) { size(of: $of) box { id } }",
    "root fields that fail": '{ box(id: "nowhere") { id } refused { id } size fine: box { id } }',
    "a root field that fails and may not": '{ box { id } strictBox(id: "nowhere") { id } refused { id } }',
    "two of them": '{ strictRefused { id } strictBox(id: "nowhere") { id } }',
    "a root field with nulls up to it": '{ box { id } strictBox(id: "null") { id strict } size }',
    "a root field with nulls up to it, loaded": '{ strictBox { strictBroken { id } } box(id: "null") { strict } }',
    "__typename beside failures": '{ __typename box(id: "null") { __typename strict } last: __typename }',
}

MUTATIONS = {
    "one that fails between two": """
        mutation { a: put(sum: 1) { sum } b: put(sum: 2, fail: true) { sum } c: put(sum: 3) { sum } }""",
    "one that fails and may not": """
        mutation { a: put(sum: 1) { sum } b: strictPut(sum: 2, fail: true) { sum } c: put(sum: 3) { sum } }""",
    "each sees what it wrote": """
        mutation { a: put(sum: 1) { owner { sum broken { id } } } b: put(sum: 0) { owner { sum maySum } } c:
        strictPut(sum: 3) { owner { owner { sum } } } }""",
    "one with nulls up to the operation": """
        mutation { __typename a: put(sum: 1) { broken { id } } b: strictPut(sum: 2) { strictBroken { id } } c:
        put(sum: 3) { sum } }""",
    "an argument that is refused": """
        mutation($sum: Int = 5) { a: put(sum: $sum) { sum page(size: 9) { id } } b: put(sum: 2, fail: true) { id } }""",
}
