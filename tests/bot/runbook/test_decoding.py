"""Files as they come: byte order marks, wrong encodings, text that was encoded twice."""

import pytest

from bot.runbook import Unreadable, decode


def test_a_byte_order_mark_and_windows_line_ends_go_away() -> None:
    assert decode(b"\xef\xbb\xbf# A\r\nb\rc\n") == ("# A\nb\nc\n", ())


def test_text_that_was_encoded_twice_is_mended_with_a_warning() -> None:
    meant = "# R\n🚨 don’t, 5–6 → café ✅\nplain\n⚠️ last\n"
    wrong = "".join(
        bytes([byte]).decode("cp1252" if byte not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")
        for byte in meant.encode()
    )
    text, problems = decode(wrong.encode())
    assert text == meant
    assert [(problem.line, problem.level) for problem in problems] == [(2, "warning")]
    assert "2 lines" in problems[0].message


@pytest.mark.parametrize("text", ["Fermé… « été »", "naïve — “quoted”", "Größe 5–6 €", "Ünïcödé 日本 🚨"])
def test_right_text_is_left_alone(text: str) -> None:
    assert decode(text.encode()) == (text, ())


def test_bytes_that_are_not_utf_8_are_refused_with_their_line() -> None:
    with pytest.raises(Unreadable, match=r"line 3 has the byte 0xe9\. Save it as UTF-8"):
        decode("# A\n\ncafé\n".encode("latin-1"))


def test_utf_16_is_refused_by_name() -> None:
    with pytest.raises(Unreadable, match="UTF-16"):
        decode("# A".encode("utf-16"))


def test_nul_bytes_are_left_out_with_a_warning() -> None:
    text, [problem] = decode(b"# A\nb\0c\n")
    assert text == "# A\nbc\n"
    assert (problem.line, problem.level) == (2, "warning")
