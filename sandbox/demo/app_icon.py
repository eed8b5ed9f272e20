"""The app's icon for Slack: a bell that rings, in the colour of the manifest; SVG, and PNG of 1024 pixels a side."""

from pathlib import Path

import resvg_py

SIZE = 1024
"""Pixels of a side. Slack asks for 512 to 2000, square, and rounds the corners itself."""

GROUND, BELL, SOUND = "#7a1f1f", "#ffffff", "#f2b8a0"
SHAPE = (
    "M32 15c-7.8 0-12.4 5.6-12.8 13.2-.4 7.6-1.8 11.4-5 14.6-.9.9-.3 2.7 1 2.7"
    "h33.6c1.3 0 1.9-1.8 1-2.7-3.2-3.2-4.6-7-5-14.6C44.4 20.6 39.8 15 32 15z"
)
ICON = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="{SIZE}" height="{SIZE}">
<title>Tocsin</title>
<rect width="64" height="64" fill="{GROUND}"/>
<g transform="rotate(10 32 32)">
<circle cx="32" cy="14.5" r="3.2" fill="{BELL}"/>
<path fill="{BELL}" d="{SHAPE}"/>
<circle cx="32" cy="49.5" r="4.6" fill="{BELL}"/>
</g>
<g fill="none" stroke="{SOUND}" stroke-width="2.6" stroke-linecap="round">
<path d="M14.5 14.5a22 22 0 0 0-5.5 12"/>
<path d="M51.5 16a22 22 0 0 1 4.5 12"/>
</g>
</svg>
"""


def write_icon(folder: Path) -> list[Path]:
    """Write `icon.svg` and `icon.png` into a folder, and give their paths."""
    drawn, picture = folder / "icon.svg", folder / "icon.png"
    drawn.write_text(ICON, encoding="utf-8")
    picture.write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=ICON)))
    return [drawn, picture]
