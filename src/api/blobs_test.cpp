// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_world.hpp"

namespace lockstep::api {
namespace {

// A body that comes in pieces of that size.
class TextReader final : public net::BodyReader {
  public:
    TextReader(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
    Task<std::string> read() override {
        auto out = text_.substr(0, piece_);
        text_.erase(0, piece_);
        co_return out;
    }

  private:
    std::string text_;
    std::size_t piece_;
};

std::string field(const std::string& name, const std::string& value) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}
std::string file(const std::string& name, const std::string& bytes) {
    return "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + bytes + "\r\n";
}

class BlobsApi : public testing::Test {
  protected:
    net::Response upload(const std::string& parts, std::size_t piece = 1000) {
        net::Headers headers;
        headers.set("Content-Type", "multipart/form-data; boundary=B");
        auto request = TestWorld::make_request("POST", "data", "", headers);
        EXPECT_TRUE(world.api().streams(request));
        TextReader reader(parts + "--B--\r\n", piece);
        request.stream = &reader;
        return world.await(world.api().handle(std::move(request)));
    }
    std::string id_of(const net::Response& response) { return *Shown(response)["id"].as_string(); }
    static Task<std::string> drain(std::shared_ptr<net::BodySource> source, std::uint64_t bytes) {
        std::string out;
        while (out.size() < bytes) out += co_await source->next();
        co_return out;
    }
    std::string content(const net::Response& response) {
        return response.stream ? world.await(drain(response.stream, response.stream_bytes)) : "no stream";
    }
    std::size_t files() { return world.files().list().size(); }

    TestWorld world;
};

TEST_F(BlobsApi, a_file_comes_back_as_it_was) {
    std::string const bytes(10'000, 'x');
    for (std::size_t const piece : {1, 77, 100'000}) {
        auto const response = upload(file("a.bin", bytes), piece);
        ASSERT_EQ(response.status, 201) << response.body;
        auto const hash = sha256(std::string_view(bytes)).text();
        EXPECT_EQ(Shown(response)["hash"].as_string(), hash) << "without a value it is the blob's own";
        EXPECT_EQ(Shown(response)["blob"].text(), R"({"hash":")" + hash + R"(","size":10000,"name":""})");
        EXPECT_EQ(Shown(response)["value"].text(), "null");
        auto const got = world.get("data/" + id_of(response) + "/blob");
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.content_type, "application/octet-stream");
        EXPECT_EQ(got.headers.get("x-ff-blob-hash-sha256"), hash);
        EXPECT_EQ(got.headers.get("x-ff-blob-size"), "10000");
        EXPECT_EQ(content(got), bytes);
    }
    EXPECT_EQ(files(), 1u) << "kept once";
}

TEST_F(BlobsApi, metadata_and_the_files_name_become_the_value) {
    struct Row {
        std::string parts, value, name, path;
    };
    for (auto const& row : {
             Row{field("autometa", "true"),
                 R"({"filename":"f","mimetype":"form-data; name=\"file\"; filename=\"d/f\""})", "f", "/"},
             Row{field("autometa", "TRUE") + field("metadata", R"({"z": 1.0, "a":[ ]})"),
                 R"({"a":[],"filename":"f","mimetype":"form-data; name=\"file\"; filename=\"d/f\"","z":1.0})", "f",
                 "/"},
             Row{field("metadata", R"({"name":"in/here"})"), R"({"name":"in/here"})", "in/here", "/in"},
             Row{field("metadata", R"({"path":"/p","filename":"g"})"), R"({"path":"/p","filename":"g"})", "/p/g", "/p"},
             Row{field("metadata", "just text"), R"("just text")", "", ""},
             Row{field("metadata", "[1, 2]") + field("autometa", "false"), "[1,2]", "", ""},
         }) {
        auto const response = upload(row.parts + file("d/f", "bytes"));
        ASSERT_EQ(response.status, 201) << response.body;
        Shown const shown(response);
        EXPECT_EQ(shown["value"].text(), row.value);
        EXPECT_EQ(shown["blob"]["name"].as_string(), row.name);
        EXPECT_EQ(shown["blob"]["path"].as_string().value_or(""), row.path);
    }
}

TEST_F(BlobsApi, a_form_that_is_refused_leaves_nothing) {
    struct Row {
        std::string parts;
        std::string_view code;
    };
    for (auto const& row : {
             Row{file("a", "1") + field("autometa", "true"), "FF00163"},
             Row{file("a", "1") + file("b", "2"), "FF00161"},
             Row{field("autometa", "true"), "FF00161"},
             Row{"", "FF00161"},
             Row{"--B\r\nnonsense\r\n\r\n", "FF00161"},
             Row{field("metadata", std::string(1'100'000, 'm')), "FF00161"},
             Row{field("validator", "xml") + file("a", "1"), "FF00108"},
         }) {
        auto const response = upload(row.parts);
        EXPECT_EQ(response.status, 400);
        EXPECT_EQ(code_of(response), row.code) << row.parts.substr(0, 100);
    }
    world.await(world.services().blobs->clean({}));
    EXPECT_EQ(files(), 0u);
    EXPECT_EQ(Shown(world.get("data")).elements().size(), 0u);
}

TEST_F(BlobsApi, other_requests_are_not_streamed) {
    net::Headers form;
    form.set("Content-Type", "multipart/form-data; boundary=B");
    EXPECT_FALSE(world.api().streams(TestWorld::make_request("POST", "messages/broadcast", "", form)));
    EXPECT_FALSE(world.api().streams(TestWorld::make_request("POST", "nowhere", "", form)));
    EXPECT_FALSE(world.api().streams(TestWorld::make_request("POST", "data", "", TestWorld::json_type())));
    EXPECT_EQ(world.request("POST", "data", "", form).status, 400) << "an empty one";
}

TEST_F(BlobsApi, a_part_of_a_blob_is_answered_alone) {
    auto const path = "data/" + id_of(upload(file("a", "0123456789"))) + "/blob";
    net::Headers headers;
    headers.set("Range", "bytes=2-4");
    auto const part = world.request("GET", path, "", headers);
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.headers.get("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(content(part), "234");
    net::Headers beyond;
    beyond.set("Range", "bytes=10-");
    EXPECT_EQ(world.request("GET", path, "", beyond).status, 416);
}

TEST_F(BlobsApi, a_blob_goes_with_the_last_data_that_has_it) {
    auto const first = upload(file("a", "bytes"));
    auto const hash = sha256(std::string_view("bytes")).text();
    auto const second = world.post("data", R"({"value":1,"blob":{"hash":")" + hash + R"("}})");
    ASSERT_EQ(second.status, 201) << second.body;
    EXPECT_EQ(Shown(second)["blob"]["size"].text(), "5");

    EXPECT_EQ(world.request("DELETE", "data/" + id_of(first)).status, 204);
    EXPECT_EQ(content(world.get("data/" + id_of(second) + "/blob")), "bytes");
    EXPECT_EQ(world.request("DELETE", "data/" + id_of(second)).status, 204);
    EXPECT_EQ(files(), 0u);
    EXPECT_EQ(code_of(world.post("data", R"({"blob":{"hash":")" + hash + R"("}})")), "FF10239");
    EXPECT_EQ(world.get("data/" + id_of(second) + "/blob").status, 404);
}

TEST_F(BlobsApi, data_of_a_message_stays_with_its_blob) {
    auto const id = id_of(upload(file("a", "bytes")));
    ASSERT_EQ(world.post("messages/broadcast", R"({"data":[{"id":")" + id + R"("}]})").status, 202);
    EXPECT_EQ(world.request("DELETE", "data/" + id).status, 409);
    EXPECT_EQ(files(), 1u);
}

TEST_F(BlobsApi, directories_are_what_stands_before_the_slashes) {
    for (auto const* name : {"a/b/c.txt", "/a/d.txt", "a/e/f/g.txt", "top.txt"})
        upload(field("metadata", std::string(R"({"name":")") + name + R"("})") + file("x", name));
    EXPECT_EQ(world.get("datasubpaths/a").body, "[\"/a/b\",\"/a/e\"]\n");
    EXPECT_EQ(world.get("datasubpaths/%2F").body, "[\"/a\"]\n");
    EXPECT_EQ(world.get("datasubpaths/none").body, "[]\n");
}

}  // namespace
}  // namespace lockstep::api
