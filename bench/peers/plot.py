"""The ratios as a bar chart: a small SVG by hand, on a scale of powers of two, as ratios are compared."""

from math import log2
from xml.sax.saxutils import escape

from bench.peers.measuring import Measured
from bench.peers.report import ratio
from bench.peers.subjects import SubjectName

_WIDTH, _LABELS, _ROW, _GAP = 760, 150, 16, 34
_LEAST, _MOST = -5, 7
"""The scale: from 1/32 to 128."""
_STYLE = "text{font:12px sans-serif;fill:#222}.axis{stroke:#999}.one{stroke:#222}.more{fill:#2a7f62}.less{fill:#b5542c}"


def ratios_svg(measured: Measured) -> str:
    """How many times as many requests per second our server answers as each peer, by question."""
    peers = [subject for subject in measured if subject is not SubjectName.OURS]
    names = list(measured[SubjectName.OURS])
    block = len(peers) * _ROW + _GAP
    height = len(names) * block + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>Our requests per second as a multiple of each peer's</title><style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for power in range(_LEAST, _MOST + 1):
        x, label = _x(2.0**power), f"{2**power}" if power >= 0 else f"1/{2**-power}"
        kind = "one" if power == 0 else "axis"
        parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="24" y2="{height - 30}" stroke-width="0.5"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 14}" text-anchor="middle">{label}</text>')
    for number, name in enumerate(names):
        top = 20 + number * block
        parts.append(f'<text x="8" y="{top + 14}" font-weight="bold">{escape(name.value)}</text>')
        for place, peer in enumerate(peers):
            parts += _bar(peer, ratio(measured, peer, name), top + 22 + place * _ROW)
    return "\n".join([*parts, "</svg>", ""])


def _bar(peer: SubjectName, value: float, y: float) -> list[str]:
    start, end = sorted((_x(1), _x(value)))
    kind, anchor, beside = ("more", "start", end + 4) if value >= 1 else ("less", "end", start - 4)
    return [
        f'<text x="{_LABELS - 8}" y="{y + 11}" text-anchor="end">{escape(peer.value)}</text>',
        f'<rect class="{kind}" x="{start:.1f}" y="{y + 2}" width="{end - start:.1f}" height="{_ROW - 4}"/>',
        f'<text x="{beside:.1f}" y="{y + 11}" text-anchor="{anchor}">{value:.2f}</text>',
    ]


def _x(value: float) -> float:
    power = min(max(log2(value), _LEAST), _MOST)
    return _LABELS + (power - _LEAST) / (_MOST - _LEAST) * (_WIDTH - _LABELS - 30)
