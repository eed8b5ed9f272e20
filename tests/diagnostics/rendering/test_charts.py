"""Pictures of what was measured: what is on them, and that nothing makes them fail."""

import asyncio
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.finding import ChartSeries
from diagnostics.rendering.chart_scale import (
    BOTTOM,
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    ChartPlane,
    format_amount,
    format_clock,
)
from diagnostics.rendering.chart_svg import (
    INK,
    LIMIT,
    LINES,
    MARK,
    PAPER,
    describe_series,
    draw_chart,
    find_shared_beginning,
    select_same_unit,
)
from diagnostics.rendering.charts import ChartProcess

START = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
EMPTY = bytearray(4)
"""A pixel."""


def series(
    values: Sequence[float], name: str = "Average", unit: str = "%", threshold: float | None = 90.0
) -> ChartSeries:
    points = tuple((START + timedelta(minutes=n), value) for n, value in enumerate(values))
    return ChartSeries(name, points, unit, threshold)


def pixels(png: bytes) -> list[list[tuple[int, int, int]]]:
    """The rows of an 8-bit RGBA picture, as RFC 2083 lays them out."""
    assert png.startswith(b"\x89PNG")
    at, packed, width = 8, b"", 0
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width = int.from_bytes(body[:4])
            assert (body[8], body[9], body[12]) == (8, 6, 0)
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    raw, stride = zlib.decompress(packed), 4 * width
    rows: list[list[tuple[int, int, int]]] = []
    before = EMPTY + bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        row = EMPTY + raw[start + 1 : start + 1 + stride]
        before = _unfiltered(raw[start], row, before)
        rows.append(list(zip(before[4::4], before[5::4], before[6::4], strict=True)))
    return rows


def _unfiltered(kind: int, row: bytearray, above: bytearray) -> bytearray:
    """The row as it is drawn. Both rows have an empty pixel in front. Most pixels are as those around them, whatever
    the filter: the others are reckoned byte by byte."""
    for n in range(4, len(row) if kind else 0, 4):
        left, up, corner = row[n - 4 : n], above[n : n + 4], above[n - 4 : n]
        if left != up or up != corner:
            left = bytearray(_guess(kind, *around) for around in zip(left, up, corner, strict=True))
        if row[n : n + 4] != EMPTY:
            left = bytearray(sum(pair) & 255 for pair in zip(left, row[n : n + 4], strict=True))
        row[n : n + 4] = left
    return row


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        return min((left, up, corner), key=lambda each: abs(left + up - corner - each))
    return (0, left, up, (left + up) // 2)[kind]


def colour(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def test_the_limit_is_a_line_at_its_height_and_the_values_are_another() -> None:
    rows = pixels(draw_chart((series([10, 20, 50, 99]),), "CPU", START, ()))
    assert (len(rows), len(rows[0])) == (2 * HEIGHT, 2 * WIDTH)
    height = HEIGHT - BOTTOM - 90 / 100 * (HEIGHT - TOP - BOTTOM)
    reds = [y for y, row in enumerate(rows) if row.count(colour(LIMIT)) > WIDTH / 2]
    assert reds and abs(sum(reds) / len(reds) / 2 - height) < 2
    assert any(colour(LINES[0]) in row for row in rows)
    assert rows[3][3] == colour(PAPER)


def test_the_start_of_the_incident_is_an_upright_line_where_it_belongs() -> None:
    began = START + timedelta(minutes=5)
    rows = pixels(
        draw_chart((series([10.0] * 11),), "CPU", began, ((START + timedelta(minutes=2), "backend:118"),))
    )
    middle = 2 * (LEFT + 0.5 * (WIDTH - LEFT - 16))
    dark = [x for x in range(len(rows[0])) if sum(rows[y][x] == (29, 28, 29) for y in range(130, 500)) > 200]
    assert dark and abs(sum(dark) / len(dark) - middle) < 4


@pytest.mark.parametrize(
    "given",
    [
        (),
        (series([]),),
        (series([float("nan"), float("inf"), 3.0]),),
        (series([5.0]),),
        (series([0.0, 0.0]),),
        (series([-5.0, -7.0], threshold=None),),
        (series([1e18, 2e18]),),
        (series([1.7e308, -1.7e308]),),
        (series([5e-324, 0.0], threshold=float("nan")),),
        (series([1.0, 2.0], threshold=float("inf")),),
        (series([n % 7 for n in range(10_000)]),),
        (series([1, 2], name='<script>"&\x00</text>' * 30, unit="<&>"),),
        tuple(series([1, n], name=f"s{n}") for n in range(9)),
    ],
)
def test_whatever_is_drawn_it_is_a_picture(given: tuple[ChartSeries, ...]) -> None:
    assert draw_chart(given, "<b>&\x01 title" * 20, START, ((START, "mark"),)).startswith(b"\x89PNG")
    describe_series(given)


def test_what_has_another_unit_is_not_drawn_on_the_same_scale() -> None:
    requests, errors = series([900, 800], "requests", "/min", None), series([1, 50], "5xx", "%", 5)
    assert select_same_unit((requests, errors)) == (errors,)
    assert select_same_unit((requests,)) == (requests,)


def test_lines_of_one_service_differ_in_the_legend_and_its_name_stands_in_the_title() -> None:
    names = [
        "shop-backend-prod memory, average",
        "shop-backend-prod memory, maximum",
        "shop-backend-prod CPU, average",
    ]
    assert find_shared_beginning(names) == "shop-backend-prod"
    assert find_shared_beginning(["a memory", "b memory"]) == find_shared_beginning(names[:1]) == ""
    assert find_shared_beginning(["requests", "requests"]) == "", "each keeps words of its own"
    drawn, turned = (
        draw_chart(tuple(series([10, 20], name) for name in order), "Tasks", None, ())
        for order in (names, names[::-1])
    )
    assert drawn != turned, "the legend is cut before the names differ"


def test_the_words_say_from_where_to_where_and_the_limit() -> None:
    said = describe_series((series([40, 97]),))
    assert said == "Average: 40% at 02:30, 97% at 02:31 UTC, highest 97%, lowest 40%; limit 90%"


def test_of_days_the_days_are_said_and_of_a_day_its_name() -> None:
    days = tuple((START + timedelta(days=n), 1.0 + n) for n in range(7))
    said = describe_series((ChartSeries("users", days, "%"), ChartSeries("errors", days[:2], "%")))
    assert said.startswith("users: 1% at 23 Nov, 7% at 29 Nov UTC")
    assert "errors: 1% at Mon 02:30, 2% at Tue 02:30 UTC" in said


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(minutes=59), ["02:30", "02:40", "02:50", "03:00", "03:10", "03:20"]),
        (timedelta(hours=23), ["Mon 06:00", "Mon 12:00", "Mon 18:00", "Tue 00:00"]),
        (timedelta(days=6), ["24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov"]),
        (timedelta(seconds=0), ["02:29", "02:30", "02:31"]),
    ],
)
def test_the_instants_at_the_edge_are_round(length: timedelta, told: list[str]) -> None:
    plane = ChartPlane(START.timestamp(), (START + length).timestamp(), [1.0])
    assert [format_clock(datetime.fromtimestamp(at, UTC), length) for at in plane.instants()] == told


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (97.0, "%", "97%"), (22.0, "events", "22 events"), (0.35, "s", "0.35 s"), (900.0, "/min", "900/min"),
        (3.28e9, "B", "3.28 GB"), (5120.0, "B", "5.12 kB"), (12_345.0, "", "12.3k"), (9_999.0, "", "9999"),
    ],
)  # fmt: skip
def test_an_amount_is_short_and_its_unit_stands_where_people_write_it(
    value: float, unit: str, told: str
) -> None:
    assert format_amount(value, unit) == told


@pytest.mark.parametrize(("apart", "rows"), [(1, 2), (30, 1)])
def test_the_words_of_two_deployments_never_stand_in_each_other(apart: int, rows: int) -> None:
    """What is written in the second row of words, beside the upright lines."""
    marks = tuple((START + timedelta(minutes=5 + n * apart), f"backend:{118 + n}") for n in range(2))
    drawn = pixels(draw_chart((series([0.0] * 60, threshold=None),), "CPU", None, marks))
    lower = drawn[2 * TOP + 8 : 2 * TOP + 22]
    written = [x for row in lower for x, dot in enumerate(row) if dot == colour(MARK)]
    lines = {x for x in written if all(row[x] == colour(MARK) for row in drawn[200:400])}
    assert bool(set(written) - lines) == (rows == 2)


def box(drawn: list[list[tuple[int, int, int]]], of: str) -> tuple[int, int, int, int]:
    """Left, right, top and bottom of what is written in this colour within the plane, its lines left out."""
    ink = colour(of)
    dots = [
        (x, y)
        for y, row in enumerate(drawn[2 * (TOP - 14) : 2 * (HEIGHT - BOTTOM)], 2 * (TOP - 14))
        if ink in row
        for x, dot in enumerate(row)
        if x > 2 * LEFT and dot == ink
    ]
    rows, columns = Counter(y for _, y in dots), Counter(x for x, _ in dots)
    words = [(x, y) for x, y in dots if rows[y] < WIDTH / 2 and columns[x] < HEIGHT / 2]
    across, down = [x for x, _ in words], [y for _, y in words]
    return min(across), max(across), min(down), max(down)


@pytest.mark.parametrize("limit", [0.5, 2.0, 8.0, 20.0, 90.0])
@pytest.mark.parametrize("began", [30, 52, 59])
def test_the_words_of_the_limit_and_of_the_incident_never_stand_in_each_other(
    limit: float, began: int
) -> None:
    drawn = pixels(
        draw_chart(
            (series([1.0] * 58 + [100.0, 2.0], unit="/min", threshold=limit),),
            "ERROR",
            START + timedelta(minutes=began),
            (),
        )
    )
    left, right, top, bottom = box(drawn, LIMIT)
    left2, right2, top2, bottom2 = box(drawn, INK)
    assert right < left2 or right2 < left or bottom < top2 or bottom2 < top


def test_the_words_of_a_deployment_and_of_the_limit_never_stand_in_each_other() -> None:
    marks = ((START + timedelta(minutes=55), "rodistaa-backend-prod:42 deployed"),)
    drawn = pixels(draw_chart((series([1.0] * 60, threshold=100.0),), "ERROR", None, marks))
    left, right, top, bottom = box(drawn, LIMIT)
    left2, right2, top2, bottom2 = box(drawn, MARK)
    assert right < left2 or right2 < left or bottom < top2 or bottom2 < top


def test_one_deployment_that_two_steps_tell_of_is_drawn_once_and_with_its_whole_name() -> None:
    name, at = "rodistaa-backend-prod:42 deployed", START + timedelta(minutes=20)
    told = series([1.0] * 60, threshold=None)
    once = draw_chart((told,), "ERROR", None, ((at, name),))
    assert draw_chart((told,), "ERROR", None, ((at, name), (at + timedelta(seconds=2), name))) == once
    assert draw_chart((told,), "ERROR", None, ((at, name), (at + timedelta(minutes=9), name))) != once
    assert draw_chart((told,), "ERROR", None, ((at, f"{name[:25]}…"),)) != once


async def test_it_is_drawn_in_a_process_of_its_own_that_is_made_again_when_it_died() -> None:
    drawer = ChartProcess()
    try:
        first = await drawer.render((series([1, 2]),), "a", None, ())
        assert drawer.process.child is not None
        drawer.process.child.kill()
        await drawer.process.child.process.wait()
        assert await drawer.render((series([1, 2]),), "a", None, ()) == first
    finally:
        await drawer.aclose()
    assert drawer.process.child is None


async def test_who_waits_too_long_for_its_turn_gets_no_picture_and_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawer = ChartProcess()
    try:
        first = await drawer.render((series([1, 2]),), "a", None, ())
        child = drawer.process.child
        async with drawer.process._one_at_a_time:
            with monkeypatch.context() as patch:
                patch.setattr("diagnostics.rendering.charts.RENDER_TIMEOUT_S", 0.01)
                with pytest.raises(OSError, match="no picture was drawn"):
                    await drawer.render((series([3, 4]),), "b", None, ())
        assert await drawer.render((series([1, 2]),), "a", None, ()) == first
        assert drawer.process.child is child
    finally:
        await drawer.aclose()


async def test_who_is_cancelled_leaves_no_picture_for_the_next_one() -> None:
    drawer = ChartProcess()
    try:
        asked = asyncio.create_task(drawer.render((series([1, 2, 3]),), "another", None, ()))
        while drawer.process.child is None:
            await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        expected = draw_chart((series([1, 2]),), "a", None, ())
        assert await drawer.render((series([1, 2]),), "a", None, ()) == expected
    finally:
        await drawer.aclose()


def test_an_incident_that_began_just_after_the_newest_value_is_marked_too() -> None:
    began = START + timedelta(minutes=31)
    rows = pixels(draw_chart((series([10.0] * 30),), "CPU", began, ()))
    edge = 2 * (WIDTH - 16)
    dark = [x for x in range(len(rows[0])) if sum(rows[y][x] == (29, 28, 29) for y in range(130, 500)) > 200]
    assert dark and abs(sum(dark) / len(dark) - edge) < 4


@pytest.mark.parametrize(("usual", "short"), [(100.0, 0.0), (0.0, 100.0)])
def test_of_ten_thousand_values_one_short_dip_or_spike_is_seen(usual: float, short: float) -> None:
    values = [usual] * 10_000
    values[5_003] = short
    rows = pixels(draw_chart((series(values, threshold=None),), "requests", None, ()))
    middle = 2 * TOP + (HEIGHT - TOP - BOTTOM)
    line = [
        x for x in range(len(rows[0])) if colour(LINES[0]) in [rows[y][x] for y in range(middle - 40, middle)]
    ]
    across = 2 * (LEFT + 5_003 / 9_999 * (WIDTH - LEFT - 16))
    assert line and abs(sum(line) / len(line) - across) < 4


def test_of_ten_thousand_values_the_words_say_the_first_the_last_and_both_ends() -> None:
    values = [1.0, 60.0, *[50.0] * 9_000, 3.0, *[50.0] * 997, 60.0, 2.0]
    said = describe_series((series(values, unit="", threshold=None),))
    assert said.startswith("Average: 1 at ") and ", 2 at " in said
    assert said.endswith("highest 60, lowest 1")


@pytest.mark.parametrize("words", ["订单服务", "सेवा", "서비스", "🛠"])
def test_letters_that_the_font_lacks_are_never_drawn_as_empty_boxes(words: str) -> None:
    def drawn(told: str) -> bytes:
        lines = (series([1, 2], name=f"{told} CPU"), series([2, 3], name=told))
        return draw_chart(lines, f"a {told} b", None, ((START, f"{told}:118"),))

    assert drawn(words) == drawn("[…]")
    assert drawn("Ωμέγα") != drawn("[…]")
    plain = draw_chart((series([1, 2]),), "CPU", None, ())
    assert (
        draw_chart((series([1, 2]),), "CPU", None, ())
        == plain
        != draw_chart((series([1, 2]),), f"CPU{words}", None, ())
    )
