"""Tables as files, made row by row: CSV, and workbooks of Office Open XML (ISO/IEC 29500).

Libraries that write workbooks in little memory put the rows into temporary files first. These rows must not be on any
disk in plain text, so that the few parts that such a workbook has are written here.
"""

import csv
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from html import escape
from io import StringIO
from typing import Any, Final, cast

from gql.domain.member_exports import HEADING, ExportFormat
from gql.domain.spreadsheets import harmless

Row = Sequence[str]
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LONGEST_FOOTER: Final = 120
"""Of the 255 characters that a footer may have, since an `&` in it is written twice."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final[Mapping[str, str]] = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Members" sheetId="1" r:id="r1"/>'
        '<sheet name="About" sheetId="2" r:id="r2"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>'
    ),
}


def file_of(
    format: ExportFormat, pages: AsyncIterator[Sequence[Row]], about: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """The file's bytes as the pages of rows come. `about` is told of a workbook on a sheet of its own, and in print."""
    return _csv(pages) if format is ExportFormat.CSV else _workbook(pages, about)


async def _csv(pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    yield _lines([HEADING]).encode("utf-8-sig")
    async for page in pages:
        yield _lines(page).encode()


def _lines(rows: Iterable[Row]) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()


class _Pipe:
    """What a ZIP is written to that goes on at once: it has no way back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Take a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        """What has come since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


async def _workbook(pages: AsyncIterator[Sequence[Row]], about: Mapping[str, str]) -> AsyncIterator[bytes]:
    from zipfile import ZIP_DEFLATED, ZipFile  # half a megabyte, with compressions that nobody here uses

    pipe = _Pipe()
    with ZipFile(cast("Any", pipe), "w", ZIP_DEFLATED) as archive:  # writes are all that it asks for
        for name, text in _PARTS.items():
            archive.writestr(name, _HEAD + text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{_row(HEADING)}'.encode())
            async for page in pages:
                sheet.write("".join(map(_row, page)).encode())
                yield pipe.taken()
            footer = _xml(" · ".join(about.values())[:_LONGEST_FOOTER].replace("&", "&&"))
            ends = f"</sheetData><headerFooter><oddFooter>&amp;L{footer}</oddFooter></headerFooter></worksheet>"
            sheet.write(ends.encode())
        rows = "".join(_row(pair) for pair in about.items())
        body = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet2.xml", body)
        yield pipe.taken()
    yield pipe.taken()


def _row(cells: Iterable[str]) -> str:
    """A row of texts: no cell is ever a formula."""
    texts = (f'<c t="inlineStr"><is><t xml:space="preserve">{_xml(harmless(cell))}</t></is></c>' for cell in cells)
    return f"<row>{''.join(texts)}</row>"


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("", text), quote=False)
