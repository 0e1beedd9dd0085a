// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Forms of any bytes, whole and in two pieces: no crash, both tell the same, and what is told is what came.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/must.hpp"
#include "net/multipart.hpp"

namespace {

using lockstep::net::Multipart;

std::string tell(std::string_view first, std::string_view second) {
    Multipart form("B", {.header_bytes_max = 256, .parts_max = 4});
    std::string out;
    int fed = 0;
    for (;;) {
        switch (form.next()) {
            case Multipart::Kind::more:
                if (fed == 2) {
                    form.end();
                } else {
                    form.feed(fed == 0 ? first : second);
                }
                MUST(++fed < 4, "a form that has ended asks for no more");
                break;
            case Multipart::Kind::part:
                MUST(form.part().disposition.size() <= 256, "a header stays within its limit");
                out += "part " + form.part().name + form.part().filename.value_or("") + "\n";
                break;
            case Multipart::Kind::bytes: out += form.bytes(); break;
            case Multipart::Kind::part_end: out += "\nend\n"; break;
            case Multipart::Kind::end: return out + "over";
            case Multipart::Kind::malformed: return out + form.reason();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto cut = size ? data[0] % size : 0;
    const auto whole = tell(all, {});
    const auto pieces = tell(all.substr(0, cut), all.substr(cut));
    // Where bytes end may differ by what the end of a broken form leaves in doubt.
    if (whole.ends_with("over")) MUST(whole == pieces, "a form is told alike however its bytes come");
    return 0;
}
