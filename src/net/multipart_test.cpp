// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/multipart.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lockstep::net {
namespace {

using FormKind = Multipart::Kind;

// What a form says when it comes in pieces of that size: "name=bytes", "name<filename>=bytes", and how it ends.
std::vector<std::string> form_told(std::string_view form, std::size_t piece, Multipart::Limits limits = {}) {
    Multipart parser("B", limits);
    std::vector<std::string> out;
    for (;;) {
        switch (parser.next()) {
            case FormKind::more:
                if (form.empty()) {
                    parser.end();
                } else {
                    parser.feed(form.substr(0, piece));
                    form.remove_prefix(std::min(piece, form.size()));
                }
                break;
            case FormKind::part:
                out.push_back(parser.part().name);
                if (parser.part().filename) out.back() += "<" + *parser.part().filename + ">";
                out.back() += "=";
                break;
            case FormKind::bytes: out.back() += parser.bytes(); break;
            case FormKind::part_end: out.back() += "."; break;
            case FormKind::end: out.push_back("end"); return out;
            case FormKind::malformed: out.push_back("malformed: " + parser.reason()); return out;
        }
    }
}

std::string form_part(std::string_view disposition, std::string_view body) {
    return "--B\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" + std::string(body) +
           "\r\n";
}

TEST(Multipart, parts_are_told_alike_however_the_bytes_come) {
    auto const form = "preamble\r\n" + form_part("name=a", "1") +
                      form_part("name=\"f\"; filename=\"x.bin\"", "two\r\nlines\r\n--C\r\n-") +
                      form_part("name=empty", "") + "--B--\r\nepilogue";
    std::vector<std::string> const expected{"a=1.", "f<x.bin>=two\r\nlines\r\n--C\r\n-.", "empty=.", "end"};
    for (std::size_t piece = 1; piece <= form.size(); ++piece) EXPECT_EQ(form_told(form, piece), expected) << piece;
}

TEST(Multipart, names_are_read_as_clients_write_them) {
    struct Row {
        std::string_view disposition, expected;
    };
    for (auto const& row : {
             Row{R"(name="a b")", "a b=."},
             Row{R"(name="say \"hi\"")", "say \"hi\"=."},
             Row{R"(name="f"; filename="dir/sub/x.txt")", "f<x.txt>=."},
             Row{R"(name="f"; filename="C:\temp\x.txt")", R"(f<C:\temp\x.txt>=.)"},
             Row{R"(name="f"; filename="")", "f<>=."},
             Row{R"(name="f"; filename="auto meta ü.txt")", "f<auto meta ü.txt>=."},
             Row{R"(name="f"; filename="a.txt"; filename*=UTF-8''%C3%BC.txt)", "f<ü.txt>=."},
             Row{R"(name="f"; filename*=latin1''x; filename="a;b.txt")", "f<a;b.txt>=."},
             Row{R"(NAME=f ; FileName=x)", "f<x>=."},
         }) {
        EXPECT_EQ(form_told(form_part(row.disposition, "") + "--B--", 7),
                  (std::vector<std::string>{std::string(row.expected), "end"}))
            << row.disposition;
    }
}

TEST(Multipart, the_disposition_is_kept_as_it_came) {
    Multipart parser("B");
    parser.feed(
        "--B\r\nX: y\r\nContent-Type:  text/plain \r\ncontent-disposition:form-data; name=\"file\"; "
        "filename=\"a/b\"\r\n\r\n");
    ASSERT_EQ(parser.next(), FormKind::part);
    EXPECT_EQ(parser.part().disposition, "form-data; name=\"file\"; filename=\"a/b\"");
    EXPECT_EQ(parser.part().content_type, "text/plain");
}

TEST(Multipart, what_is_no_form_is_told_with_a_reason) {
    struct Row {
        std::string form;
        std::string_view reason;
    };
    for (auto const& row : {
             Row{"", "it ends before its last boundary"},
             Row{"--B", "it ends before its last boundary"},
             Row{form_part("name=a", "1"), "it ends before its last boundary"},
             Row{"--B\r\n\r\n\r\n--B--", "a part has no name"},
             Row{"--B\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--B--", "a part has no name"},
             Row{"--B\r\nContent-Disposition: form-data\r\n\r\n\r\n--B--", "a part has no name"},
             Row{"--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\n\r\n--B--", "a part has no name"},
             Row{"--B\r\nnonsense\r\n\r\n\r\n--B--", "a header line of a part has no colon"},
             Row{"--Bad\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--B--",
                 "something follows a boundary on its line"},
         }) {
        for (std::size_t const piece : {1, 1000}) {
            auto const all = form_told(row.form, piece);
            ASSERT_FALSE(all.empty());
            EXPECT_EQ(all.back(), "malformed: " + std::string(row.reason)) << row.form;
        }
    }
}

TEST(Multipart, nothing_is_believed_beyond_its_limit) {
    Multipart::Limits const limits{.header_bytes_max = 100, .parts_max = 2};
    auto const long_header = "--B\r\nContent-Disposition: form-data; name=" + std::string(200, 'n');
    EXPECT_EQ(form_told(long_header, 10, limits).back(), "malformed: the header of a part is longer than 100 bytes");
    EXPECT_EQ(form_told(long_header + "\r\n\r\n", 1000, limits).back(),
              "malformed: the header of a part is longer than 100 bytes");
    auto const three = form_part("name=a", "") + form_part("name=b", "") + form_part("name=c", "") + "--B--";
    EXPECT_EQ(form_told(three, 10, limits).back(), "malformed: it has more than 2 parts");
    EXPECT_EQ(form_told(std::string(70'000, 'x'), 10'000).back(), "malformed: its boundary is not found");
    EXPECT_EQ(form_told("--B" + std::string(30'000, ' '), 10'000).back(), "malformed: a boundary's line does not end");
}

TEST(Multipart, the_boundary_is_what_the_type_says) {
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), "a b");
    EXPECT_EQ(multipart_boundary("multipart/form-data"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary="), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/mixed; boundary=abc"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')), std::nullopt);
}

}  // namespace
}  // namespace lockstep::net
