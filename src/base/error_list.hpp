// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The catalogue lives in the errors.hpp of the modules: an entry stands in the lowest one that refuses with
// it, so that the layers hold. app/catalogue.hpp joins them. Each errors.hpp says its entries once, as
// X(name, "code", status, "sentence with {marks}"), and this makes the entries and a list of them.
//
// FF numbers are the original's (firefly-core.md 30), with its statuses but for FF10171, which is the client's
// fault; the sentences are our own, and so are LS numbers. A number is never reused and never renamed. LS
// numbers by subject: LS100xx general, LS101xx JSON and batches, LS102xx store, LS103xx ledger and keys,
// LS104xx peers, LS105xx messages, LS107xx API, LS108xx program.
#pragma once

#include "base/error.hpp"

#define LOCKSTEP_ERROR_ENTRY(name, code, status, text) inline constexpr ErrorSpec name{code, status, text};
#define LOCKSTEP_ERROR_POINTER(name, code, status, text) &name,
#define LOCKSTEP_ERROR_LIST(list, entries) \
    entries(LOCKSTEP_ERROR_ENTRY) inline constexpr const ErrorSpec* list[] = {entries(LOCKSTEP_ERROR_POINTER)};
