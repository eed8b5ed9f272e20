"""Files as they come: byte order marks, wrong encodings, text that was encoded twice."""

import pytest

from bot.runbook import UndecodableFile, decode_text


def test_a_byte_order_mark_and_windows_line_ends_go_away() -> None:
    assert decode_text(b"\xef\xbb\xbf# A\r\nb\rc\n") == ("# A\nb\nc\n", ())


def test_text_that_was_encoded_twice_is_mended_with_a_warning() -> None:
    meant = "# R\n🚨 don’t, 5–6 → café ✅\nplain\n⚠️ last\n"
    wrong = "".join(
        bytes([byte]).decode("cp1252" if byte not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")
        for byte in meant.encode()
    )
    text, problems = decode_text(wrong.encode())
    assert text == meant
    assert [(problem.line, problem.level) for problem in problems] == [(2, "warning")]
    assert "2 lines" in problems[0].message


@pytest.mark.parametrize("text", ["Fermé… « été »", "naïve — “quoted”", "Größe 5–6 €", "Ünïcödé 日本 🚨"])
def test_right_text_is_left_alone(text: str) -> None:
    assert decode_text(text.encode()) == (text, ())


def test_latin_1_is_read_with_a_warning_at_its_line() -> None:
    text, [problem] = decode_text("# A\n\ncafé und Störung\n".encode("latin-1"))
    assert text == "# A\n\ncafé und Störung\n"
    assert (problem.line, problem.level) == (3, "warning")


@pytest.mark.parametrize("raw", [b"# A\n\n\xff\n", b"# A\n\n\xff\xfe broken", b"# A\n\ncaf\xe9 \x00"])
def test_bytes_that_are_no_text_are_refused_with_their_line(raw: bytes) -> None:
    with pytest.raises(UndecodableFile, match=r"line 3 has the byte 0x\w\w\. Save it as UTF-8"):
        decode_text(raw)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_a_warning(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    text, [problem] = decode_text(mark + "# Größe\n".encode(encoding))
    assert (text, problem.line, problem.level) == ("# Größe\n", 1, "warning")


def test_broken_utf_16_is_refused_by_name() -> None:
    with pytest.raises(UndecodableFile, match="UTF-16"):
        decode_text("# A".encode("utf-16") + b"x")


def test_nul_bytes_are_left_out_with_a_warning() -> None:
    text, [problem] = decode_text(b"# A\nb\0c\n")
    assert text == "# A\nbc\n"
    assert (problem.line, problem.level) == (2, "warning")
