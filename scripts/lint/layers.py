# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""Includes go down only: src/layers.txt against the includes and against CMake."""

import posixpath
import re

from tree import Finding

LAYERS = "src/layers.txt"

# Third parties that stay behind one door.
DOORS = {
    "boost/beast": {"net"},
    "sqlite3": {"store"},
    "secp256k1": {"identity"},
}


def parse(file):
    """({module: set of modules it may include}, findings). A module lists only what stands above it."""
    allowed, findings = {}, []
    for number, line in enumerate(file.lines, 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, colon, rest = line.partition(":")
        if not colon or name in allowed:
            findings.append(Finding(file.path, number, "layers", f"expected one line 'module: modules', not '{line}'"))
            continue
        for other in rest.split():
            if other not in allowed:
                findings.append(Finding(file.path, number, "layers", f"{name} lists {other}, which is not below it"))
        allowed[name] = set(rest.split())
    return allowed, findings


def may_include(module, allowed):
    if module == "cmd":
        return set(allowed)
    return allowed.get(module, set()) | {module}


def check_includes(file, allowed, paths):
    """`paths` are the paths of all files."""
    if not file.is_cpp or not file.module:
        return
    module = file.module
    if module != "cmd" and module not in allowed:
        yield Finding(file.path, 1, "layers", f"{LAYERS} does not know the module {module}")
        return
    mine = may_include(module, allowed)
    for include in file.includes:
        if not include.quoted:
            for door, owners in DOORS.items():
                if include.path.startswith(door) and module not in owners:
                    homes = " and ".join(sorted(owners))
                    yield Finding(file.path, include.line, "door", f"<{include.path}> stays in {homes}")
            continue
        target = include.path.split("/")[0]
        if f"src/{include.path}" in paths:
            if target not in mine:
                yield Finding(file.path, include.line, "layers", f"{module} may not include {target} ({include.path})")
        elif module != "cmd" or posixpath.join(posixpath.dirname(file.path), include.path) not in paths:
            yield Finding(file.path, include.line, "include", f'"{include.path}" is not written from the root of src')
        if "/detail/" in "/" + include.path:
            home = "src/" + include.path[: ("/" + include.path).index("/detail/")].rstrip("/") + "/"
            if not file.path.startswith(home):
                yield Finding(file.path, include.line, "detail", f"{include.path} is private to {home}")


KEYWORDS = {"DEPS", "PUBLIC", "PRIVATE"}


def linked(file):
    """(line, module name, modules that its CMakeLists.txt links), or None without lockstep_module()."""
    text = re.sub(r"#[^\n]*", "", file.text)
    match = re.search(r"lockstep_module\s*\(([^)]*)\)", text)
    if not match:
        return None
    words = match[1].split()
    modules, keyword = set(), None
    for word in words[1:]:
        if word in KEYWORDS:
            keyword = word
        elif word.startswith("lockstep_"):
            modules.add(word.removeprefix("lockstep_"))
        elif keyword == "DEPS":
            modules.add(word)
    return text.count("\n", 0, match.start()) + 1, words[0] if words else "", modules


def check_cmake(files, allowed):
    """DEPS are a part of what the layers allow, and reach everything that is included."""
    graph, places = {}, {}
    for file in files:
        parts = file.path.split("/")
        if len(parts) != 3 or parts[0] != "src" or parts[2] != "CMakeLists.txt":
            continue
        found = linked(file)
        if not found:
            continue
        line, name, modules = found
        if name != parts[1]:
            yield Finding(file.path, line, "cmake", f"the module is called {parts[1]}, not {name}")
        graph[parts[1]], places[parts[1]] = modules, (file.path, line)
        for other in sorted(modules - allowed.get(parts[1], set())):
            yield Finding(file.path, line, "cmake", f"{parts[1]} links {other}, which {LAYERS} does not allow")

    included = {}
    for file in files:
        if file.is_cpp and file.module in graph:
            names = {include.path.split("/")[0] for include in file.includes if include.quoted}
            included.setdefault(file.module, set()).update(names & set(graph))
    for module, names in sorted(included.items()):
        for other in sorted(names - reach(module, graph)):
            if other in allowed.get(module, set()):  # else the include itself is the finding
                yield Finding(*places[module], "cmake", f"{module} includes {other} and does not link it")


def reach(module, graph):
    seen, open_ = set(), [module]
    while open_:
        here = open_.pop()
        if here not in seen:
            seen.add(here)
            open_ += graph.get(here, ())
    return seen


def check(files):
    by_path = {file.path: file for file in files}
    if LAYERS not in by_path:
        yield Finding(LAYERS, 1, "layers", "the file is missing")
        return
    allowed, findings = parse(by_path[LAYERS])
    yield from findings
    paths = set(by_path)
    for file in files:
        yield from check_includes(file, allowed, paths)
    yield from check_cmake(files, allowed)
