# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""What can be seen without understanding the language: licence, words, lengths, pages."""

import re

from tree import Finding

LICENCE = ("Copyright the Lockstep developers", "SPDX-License-Identifier: Apache-2.0")
LICENSED = (".hpp", ".cpp", ".h", ".c", ".py", ".sh", ".mjs", ".cjs", ".js", ".ts", ".sql", ".css")
SCRIPTS = ("dev", ".ci/run")  # licensed without an ending
PROSE = (".md", ".txt", ".cmake", ".json", ".yml", ".yaml")
# The words are put together so that this file passes its own check.
BANNED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
HOMES = re.compile(r"(?<![\w.~$}:/-])/(?:home/[\w.-]+|root|Users/[\w.-]+)/")
COLUMNS_MAX = 120
LINES_MAX = 600


def is_licensed(path):
    return path.endswith(LICENSED) or path in SCRIPTS


def check_file(file, root):
    if is_licensed(file.path):
        head = "\n".join(file.lines[:6])
        for words in LICENCE:
            if words not in head:
                yield Finding(file.path, 1, "licence", f"the head does not say '{words}'")
    if file.path.endswith(".hpp") and not re.search(r"^#pragma once$", file.text, re.MULTILINE):
        yield Finding(file.path, 1, "pragma", "a header begins with #pragma once")
    if is_licensed(file.path) or file.path.endswith(PROSE) or file.path.endswith("CMakeLists.txt"):
        for number, line in enumerate(file.lines, 1):
            if match := BANNED.search(line):
                yield Finding(file.path, number, "word", f"{match[0]}: do it, or give it an issue and a sentence")
            if match := HOMES.search(line):
                yield Finding(file.path, number, "path", f"{match[0]} is a path of somebody's machine")
            elif root and root in line:
                yield Finding(file.path, number, "path", f"{root} is where this clone happens to be")
    if file.is_cpp and file.path.startswith(("src/", "cmd/")):
        for number, line in enumerate(file.lines, 1):
            if len(line) > COLUMNS_MAX:
                yield Finding(file.path, number, "columns", f"{len(line)} columns of {COLUMNS_MAX}")


def check(files, root=""):
    """`root` is the path of the clone, or empty when it is too short to be told from other text."""
    modules, pages = set(), set()
    for file in files:
        yield from check_file(file, root)
        parts = file.path.split("/")
        if parts[0] == "src" and len(parts) > 2:
            modules.add(parts[1])
            if parts[2:] == ["README.md"]:
                pages.add(parts[1])
    for module in sorted(modules - pages):
        yield Finding(f"src/{module}/README.md", 1, "readme", "every module has its page")


def long_files(files):
    """(path, lines) for a talk, not for a refusal."""
    return [
        (file.path, len(file.lines))
        for file in files
        if file.is_cpp and len(file.lines) > LINES_MAX
    ]
