# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""Who may spawn, who may look at clocks and dice, who may swallow what it caught, and what a coroutine may be."""

import re

from tree import Finding

SPAWN = re.compile(r"\b(co_spawn|detached)\b")
CLOCK = re.compile(
    r"\b(?:std::)?(?:chrono::)?\w*_clock\s*::\s*now\b"
    r"|\b(?:steady|system|high_resolution|waitable|deadline)_timer\b"
    r"|\b(?:gettimeofday|clock_gettime)\b|(?<![\w.>])(?:std)?::time\s*\("
    r"|\bsleep_(?:for|until)\b|(?<![\w.>])u?sleep\s*\(\s*\d"
)
CHANCE = re.compile(r"\brandom_device\b|(?<![\w.>])s?rand\s*\(|\bsrandom\s*\(|\bRAND_(?:priv_)?bytes\b")
GENERATOR = re.compile(r"\bmt19937(?:_64)?\b|\bdefault_random_engine\b")  # a test may have one, with its seed
CATCH_ALL = re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)\s*\{")
PASSED_ON = re.compile(r"\bthrow\s*;|\bcurrent_exception\s*\(|\brethrow_exception\s*\(|\bthrow_with_nested\s*\(")

LAMBDA = re.compile(
    r"(?<![\w\])])\[(?P<capture>(?:[^\[\]]|\[[^\[\]]*\])*)\]\s*(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?"
    r"(?:\s|\bmutable\b|\bnoexcept\b)*(?:->\s*[\w:<>,&*\s]+?)?\s*\{"
)
SUSPENDS = re.compile(r"\bco_(?:await|return|yield)\b")
LOCK = re.compile(r"\b(?:lock_guard|unique_lock|scoped_lock|shared_lock)\b")
AWAIT = re.compile(r"\bco_await\b")
# What GCC 12 miscompiles in the operand of co_await: a choice, and a temporary made of bare braces.
OPERAND = re.compile(r"(?P<choice>\?)|[(,]\s*\{[^{}]*[^{}\s][^{}]*\}")


def body(code, begin):
    """The block whose opening brace ends at `begin`."""
    depth = 1
    for index in range(begin, len(code)):
        if code[index] == "{":
            depth += 1
        elif code[index] == "}":
            depth -= 1
            if depth == 0:
                return code[begin:index]
    return code[begin:]


def without_lambdas(code):
    """The block with the bodies of its lambdas blanked: they run at another time."""
    at = 0
    while match := LAMBDA.search(code, at):
        inside = body(code, match.end())
        code = code[: match.end()] + re.sub(r"[^\n]", " ", inside) + code[match.end() + len(inside) :]
        at = match.end()
    return code


def operand(code, begin):
    """What co_await waits for: up to the end of the statement or of the bracket it stands in."""
    depth, index = 0, begin
    while index < len(code):
        if code[index] in "([{":
            depth += 1
        elif code[index] in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and code[index] in ";,"):
            break
        index += 1
    rest = without_lambdas(code[begin:index])
    depth = 0
    for at, letter in enumerate(rest):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and letter == "?":  # "co_await f() ? a : b" chooses afterwards
            return rest[:at]
    return rest


def check_coroutines(file):
    for line, match in file.find(LAMBDA):
        if match["capture"].strip() and SUSPENDS.search(without_lambdas(body(file.code, match.end()))):
            yield Finding(file.path, line, "lambda", "a coroutine that captures: pass it what it needs as parameters")
    for line, match in file.find(AWAIT):
        if hazard := OPERAND.search(operand(file.code, match.end())):
            what = "a choice" if hazard["choice"] else "bare braces"
            yield Finding(file.path, line, "operand", f"{what} inside the operand of co_await: name it first (GCC 12)")
    for line, match in file.find(LOCK):
        rest = without_lambdas(body(file.code, match.end()))
        if re.search(r"\bco_await\b", rest):
            yield Finding(file.path, line, "lock", "a lock is held across co_await")


def check(files):
    for file in files:
        if not file.is_cpp or not file.module:
            continue
        if file.module not in ("async", "cmd") and not file.is_test:
            for line, match in file.find(SPAWN):
                if file.lines[line - 1].lstrip().startswith("#"):
                    continue
                yield Finding(file.path, line, "spawn", f"{match[0]} belongs to async/: use a Scope")
        if file.module not in ("base", "async"):
            if not file.is_test:
                for line, match in file.find(CLOCK):
                    yield Finding(file.path, line, "clock", f"{squeeze(match[0])}: time comes from a Clock")
            for pattern in (CHANCE,) if file.is_test else (CHANCE, GENERATOR):
                for line, match in file.find(pattern):
                    yield Finding(file.path, line, "chance", f"{squeeze(match[0])}: chance comes from a Chance")
        if not file.is_test:
            yield from check_coroutines(file)
        for line, match in file.find(CATCH_ALL):
            if not PASSED_ON.search(body(file.code, match.end())):
                yield Finding(file.path, line, "catch", "catch (...) must pass on what it caught")


def squeeze(text):
    return re.sub(r"\s+", "", text).rstrip("(")
