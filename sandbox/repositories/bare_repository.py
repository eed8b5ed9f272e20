"""A bare git repository that commits are made in as a code host makes them: by the program git itself."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

WHO = {
    "GIT_AUTHOR_NAME": "Tocsin",
    "GIT_AUTHOR_EMAIL": "tocsin@example.com",
    "GIT_COMMITTER_NAME": "Tocsin",
    "GIT_COMMITTER_EMAIL": "tocsin@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
MAIN = "main"


class StaleParent(Exception):
    """The branch does not end where the commit builds on."""


class BareRepository:
    """One in this folder, with a first commit of `files` on main; empty without any."""

    def __init__(self, folder: Path, files: Mapping[str, str | bytes] | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--bare", f"--initial-branch={MAIN}")
        if files:
            self.commit(MAIN, None, "The first commit", files)

    def _git(self, *words: str, given: str | bytes | None = None, index: Path | None = None) -> str:
        """What git says; bytes that are no text stay in it as surrogates, as the file system's names have them."""
        env = {"PATH": os.environ.get("PATH", os.defpath), **WHO}
        if index is not None:
            env["GIT_INDEX_FILE"] = str(index)
        asked = ["git", "-C", str(self.folder), *words]
        sent = given.encode(errors="surrogateescape") if isinstance(given, str) else given
        done = subprocess.run(asked, input=sent, capture_output=True, env=env, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"git {words[0]}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="surrogateescape")

    def find(self, branch: str) -> str | None:
        """The commit at a branch's end."""
        listed = self._git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return listed.strip() or None

    def create(self, branch: str, sha: str) -> bool:
        """Whether there was none before."""
        if self.find(branch) is not None:
            return False
        self._git("update-ref", f"refs/heads/{branch}", sha, "0" * 40)
        return True

    def delete(self, branch: str) -> None:
        self._git("update-ref", "-d", f"refs/heads/{branch}")

    def read(self, revision: str, path: str) -> tuple[str, str] | None:
        """A file's text and the id of its blob at a commit or branch."""
        listed = self._git("ls-tree", revision, "--", path).split()
        return (self._git("cat-file", "blob", listed[2]), listed[2]) if listed else None

    def read_blob(self, sha: str) -> str:
        """A file's text by the id of its blob."""
        return self._git("cat-file", "blob", sha)

    def find_last_commit(self, revision: str, path: str) -> str:
        """The commit that touched the file last."""
        return self._git("log", "-1", "--format=%H", revision, "--", path).strip()

    def commit(self, branch: str, parent: str | None, message: str, files: Mapping[str, str | bytes]) -> str:
        """Write these files whole. Raises StaleParent when the branch ends elsewhere."""
        if self.find(branch) != parent:
            raise StaleParent
        index = self.folder / f"index-{branch.replace('/', '-')}"
        index.unlink(missing_ok=True)
        if parent:
            self._git("read-tree", parent, index=index)
        for path, text in files.items():
            blob = self._git("hash-object", "-w", "--stdin", given=text).strip()
            self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", index=index)
        tree = self._git("write-tree", index=index).strip()
        index.unlink(missing_ok=True)
        parents = ("-p", parent) if parent else ()
        sha = self._git("commit-tree", tree, *parents, "-m", message).strip()
        self._git("update-ref", f"refs/heads/{branch}", sha, parent or "0" * 40)
        return sha

    def list_messages(self, branch: str) -> list[str]:
        """The headlines of what a branch has beyond main, the oldest first."""
        return self._git("log", "--reverse", "--format=%s", f"{MAIN}..{branch}").splitlines()

    def list_branches(self) -> list[str]:
        return self._git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()

    def diff(self, branch: str) -> str:
        """What a branch changes against main, as people see it."""
        return self._git("diff", f"{MAIN}...{branch}")

    def list_new_files(self, branch: str) -> list[str]:
        """The paths of the files that main does not have."""
        return self._git("diff", "--name-only", "--diff-filter=A", f"{MAIN}...{branch}").splitlines()

    def check_patch(self, patch: str) -> None:
        """Raises RuntimeError where git would not apply it to main."""
        index = self.folder / "index-check"
        self._git("read-tree", MAIN, index=index)
        self._git("apply", "--cached", "--check", "-", given=patch, index=index)
        index.unlink(missing_ok=True)
