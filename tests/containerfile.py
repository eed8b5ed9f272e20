"""Reads a Containerfile, and carries its steps out in a folder that stands for the image's root."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

FROM_INDEX = "--require-hashes"
"""What a step that asks the package index has in it."""

OF_IMAGE = re.compile(r"(?<![\w./-])/(?=(?:app|source|build|wheel|state)\b)")
"""The beginning of a path that lies in the image and not in the machine."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a Containerfile, continued lines joined: `RUN`, and what is run."""

    keyword: str
    text: str


@dataclass(slots=True)
class Stage:
    """What stands from one FROM to the next."""

    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def texts(self, keyword: str) -> list[str]:
        """What stands behind each such keyword."""
        return [each.text for each in self.instructions if each.keyword == keyword]

    @property
    def environment(self) -> dict[str, str]:
        """The variables of its ENV lines."""
        return dict(pair.split("=", 1) for text in self.texts("ENV") for pair in text.split())

    @property
    def command(self) -> list[str]:
        """What a container runs."""
        return [*json.loads(self.texts("ENTRYPOINT")[-1]), *json.loads(self.texts("CMD")[-1])]

    @property
    def health(self) -> list[str]:
        """What tells whether it is alive."""
        words: list[str] = json.loads(self.texts("HEALTHCHECK")[-1].partition("CMD ")[2])
        return words


def parse_containerfile(text: str) -> list[Stage]:
    """Its stages in order."""
    stages: list[Stage] = []
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "FROM":
            stages.append(Stage(rest.partition(" AS ")[2]))
        elif keyword and stages:
            stages[-1].instructions.append(Instruction(keyword, " ".join(rest.split())))
    return stages


def list_context(root: Path) -> Iterator[str]:
    """The tracked files that the build may see, by `.dockerignore`: all is left out but what a line brings back."""
    lines = (root / ".dockerignore").read_text().split()
    assert lines[0] == "*"
    kept = [line[1:] for line in lines if line.startswith("!")]
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True)
    for name in tracked.stdout.split("\0"):
        if name and any(name == each or name.startswith(f"{each}/") or fnmatch(name, each) for each in kept):
            yield name


class CleanRoot:
    """A folder in which the first stage is carried out. The packages of a lock come from this environment, not from an
    index; everything else is done as it is written."""

    def __init__(self, folder: Path, context: Path) -> None:
        self.folder, self._context = folder, context
        self._files = list(list_context(context))
        self._where = folder

    def within(self, text: str) -> str:
        """The text with the image's paths led into the folder."""
        return OF_IMAGE.sub(f"{self.folder}/", text)

    def carry_out(self, stage: Stage) -> None:
        """Do each instruction; what fails ends it with what was said."""
        for each in stage.instructions:
            if each.keyword == "WORKDIR":
                self._where = Path(self.within(each.text))
                self._where.mkdir(parents=True, exist_ok=True)
            elif each.keyword == "COPY":
                self._copy(each.text.split())
            elif each.keyword == "RUN":
                self._run(each.text)
            else:
                raise AssertionError(f"{each.keyword} is not carried out here")

    def _copy(self, words: list[str]) -> None:
        *names, into = words
        for name in self._files if names == ["."] else names:
            assert name in self._files, f"{name} is not in the context"
            target = self._where / into / (name if names == ["."] else Path(name).name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._context / name, target)

    def _run(self, text: str) -> None:
        for step in text.split(" && "):
            if FROM_INDEX in step:
                self._share_packages(Path(self.within(step.split()[0])).parent.parent)
            else:
                self._shell(self.within(step))

    def _shell(self, step: str) -> None:
        base = Path(sys.base_prefix) / "bin"
        given = {"PATH": f"{self.folder / 'bin'}:{base}:/usr/bin:/bin", "HOME": str(self.folder)}
        (self.folder / "bin").mkdir(exist_ok=True)
        python = self.folder / "bin" / "python"
        if not python.exists():
            python.symlink_to(Path(sys.executable).resolve())
        done = subprocess.run(
            ["sh", "-c", step],
            cwd=self._where,
            env={**given, "TMPDIR": os.environ.get("TMPDIR", "/tmp")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"

    def _share_packages(self, home: Path) -> None:
        (site,) = home.glob("lib/python*/site-packages")
        places = [place for place in sys.path if Path(place).name == "site-packages"]
        (site / "shared.pth").write_text("\n".join(places))


def build_environment(stage: Stage, root: CleanRoot, **more: str) -> Mapping[str, str]:
    """What a container's process is told, with the image's paths led into the folder."""
    return {**{name: root.within(value) for name, value in stage.environment.items()}, **more}
