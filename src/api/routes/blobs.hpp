// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the routes of data do with blobs (firefly-core.md 15.3, 16.4).
#pragma once

#include "api/route.hpp"

namespace lockstep::api {

// POST data as multipart/form-data. FF00161, FF00163, and what the sender refuses; then nothing is kept.
Task<Result<Answer>> upload_blob(const Call& call);
// GET data/{dataid}/blob, whole or one range of it. FF00164; FF10239 while it is not here.
Task<Result<Answer>> download_blob(const Call& call);
// DELETE data/{dataid}, with its blob when nothing else has it.
Task<Result<Answer>> delete_data(const Call& call);
// GET datasubpaths/{parent}
Task<Result<Answer>> list_subpaths(const Call& call);

}  // namespace lockstep::api
