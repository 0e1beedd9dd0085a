// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A refusal returns. Result<T> is a value or the Error that says why not; see error.hpp.
#pragma once

#include <boost/system/result.hpp>
#include <utility>

#include "base/error.hpp"

namespace lockstep {

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace lockstep

#define LOCKSTEP_CAT2(a, b) a##b
#define LOCKSTEP_CAT(a, b) LOCKSTEP_CAT2(a, b)

// TRY(auto name, expression): a statement that declares `name` from a Result or returns its error.
// CO_TRY is the same inside a coroutine. Statements and not expressions: GCC 12 cannot compile a
// co_await inside a statement expression.
#define LOCKSTEP_TRY(temporary, declaration, expression, leave) \
    auto temporary = (expression);                              \
    if (!temporary) leave temporary.error();                    \
    declaration = std::move(*temporary)
#define TRY(declaration, expression) LOCKSTEP_TRY(LOCKSTEP_CAT(try_, __LINE__), declaration, expression, return )
#define CO_TRY(declaration, expression) LOCKSTEP_TRY(LOCKSTEP_CAT(try_, __LINE__), declaration, expression, co_return )

// TRY_VOID(expression): for Result<void>.
#define TRY_VOID(expression)                                                             \
    if (auto LOCKSTEP_CAT(try_, __LINE__) = (expression); !LOCKSTEP_CAT(try_, __LINE__)) \
    return LOCKSTEP_CAT(try_, __LINE__).error()
#define CO_TRY_VOID(expression)                                                          \
    if (auto LOCKSTEP_CAT(try_, __LINE__) = (expression); !LOCKSTEP_CAT(try_, __LINE__)) \
    co_return LOCKSTEP_CAT(try_, __LINE__).error()
