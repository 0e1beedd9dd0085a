# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""The files that lint looks at, and C++ with its comments and strings taken out."""

import dataclasses
import functools
import os
import re
import subprocess

CPP = (".hpp", ".cpp")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text} [{self.rule}]"


@dataclasses.dataclass(frozen=True)
class Include:
    line: int
    path: str
    quoted: bool


class File:
    """One file, by its path from the root of the clone."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")

    @property
    def is_cpp(self):
        return self.path.endswith(CPP)

    @property
    def module(self):
        """The folder of src/, "cmd" for the binaries, else None."""
        parts = self.path.split("/")
        if parts[0] == "src" and len(parts) > 2:
            return parts[1]
        return "cmd" if parts[0] == "cmd" else None

    @property
    def is_test(self):
        """Tests, what only they use (test_*), and benchmarks."""
        folders, name = self.path.split("/")[:-1], self.path.split("/")[-1]
        return folders[:1] == ["tests"] or "bench" in folders or name.endswith("_test.cpp") or name.startswith("test_")

    @functools.cached_property
    def code(self):
        """The text with comments and the insides of literals blanked; lines stay where they are."""
        return blank(self.text) if self.is_cpp else self.text

    @functools.cached_property
    def includes(self):
        found = []
        for number, (line, code) in enumerate(zip(self.lines, self.code.split("\n")), 1):
            if code.lstrip().startswith("#"):
                if match := re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line):
                    found.append(Include(number, match[2], match[1] == '"'))
        return found

    def find(self, pattern, text=None):
        """(line, match) for each match of a compiled pattern in the code."""
        text = self.code if text is None else text
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match


LITERAL = re.compile(
    r"""
    //[^\n]* | /\*.*?\*/
    | (?:u8|[uUL])?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'
    """,
    re.VERBOSE | re.DOTALL,
)


def blank(text):
    def spaces(match):
        inside = re.sub(r"[^\n]", " ", match[0])
        return inside if match[0].startswith("/") else '"' + inside[1:-1] + '"'

    return LITERAL.sub(spaces, text)


def listed(root):
    """What git knows or would add; without git, what is there."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, capture_output=True, text=True, check=True,
        )
        paths = done.stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in (".git", "build", "node_modules", "__pycache__")]
            paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted({path for path in paths if path and os.path.isfile(os.path.join(root, path))})


def load(root):
    """Every text file; what is not UTF-8 is not text."""
    files = []
    for path in listed(root):
        try:
            with open(os.path.join(root, path), encoding="utf-8") as stream:
                files.append(File(path, stream.read()))
        except UnicodeDecodeError:
            continue
    return files
