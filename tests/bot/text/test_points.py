"""Lines of what was typed become points of one line."""

import pytest

from bot.text.truncation import join_points


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("- Rolled back\n- Scaled up", "Rolled back; Scaled up"),
        ("Rolled back to 41\nHealed the targets", "Rolled back to 41; Healed the targets"),
        ("Rolled back.\n\nScaled up.", "Rolled back; Scaled up."),
        ("We rolled back to 41, which\nhad been fine", "We rolled back to 41, which had been fine"),
        ("Done:\nRolled back", "Done: Rolled back"),
        ("Rolled  back", "Rolled back"),
        ("", ""),
    ],
)
def test_lines_become_points_and_a_broken_sentence_stays_one(typed: str, told: str) -> None:
    assert join_points(typed) == told
