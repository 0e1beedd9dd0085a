// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Status and number of what is refused, as recorded from the original; where ours differ, the line says why.
#include <gtest/gtest.h>

#include "api/test_world.hpp"

namespace lockstep::api {
namespace {

constexpr auto nil = "00000000-0000-4000-8000-000000000000";

struct Refusal {
    std::string method, target, body;
    int status;
    std::string code;
};

const std::vector<Refusal>& refusals() {
    static const std::vector<Refusal> list{
        {"GET", "nothing", "", 404, "FF10109"},
        {"GET", "/nothing", "", 404, "FF10109"},
        {"GET", "/", "", 404, "FF10109"},
        {"GET", "/ui", "", 404, "FF10109"},
        {"GET", "/favicon.ico", "", 404, "FF10109"},
        {"GET", "namespaces/nope/messages", "", 404, "FF10436"},
        {"GET", "namespaces/nope", "", 404, "FF10436"},
        {"DELETE", "messages", "", 405, ""},
        {"PUT", "messages/broadcast", "{}", 405, ""},
        {"GET", "messages/not-a-uuid", "", 400, "FF00138"},
        {"GET", std::string("messages/") + nil, "", 404, "FF10109"},
        {"GET", std::string("data/") + nil, "", 404, "FF00164"},
        {"GET", std::string("transactions/") + nil, "", 404, "FF00164"},
        {"GET", std::string("operations/") + nil, "", 404, "FF00164"},
        {"GET", std::string("batches/") + nil, "", 404, "FF00164"},
        {"GET", std::string("events/") + nil, "", 404, "FF00164"},
        {"GET", std::string("blockchainevents/") + nil, "", 404, "FF00164"},
        {"GET", std::string("subscriptions/") + nil, "", 404, "FF00164"},
        {"GET", std::string("identities/") + nil, "", 404, "FF10109"},
        {"GET", std::string("contracts/interfaces/") + nil, "", 404, "FF00164"},
        {"GET", std::string("contracts/listeners/") + nil, "", 404, "FF10109"},
        {"GET", std::string("tokens/pools/") + nil, "", 404, "FF10109"},
        {"GET", std::string("network/nodes/") + nil, "", 404, "FF10109"},
        {"GET", std::string("network/organizations/") + nil, "", 404, "FF10109"},
        {"GET", std::string("apis/") + nil, "", 404, "FF00164"},
        {"GET", "groups/" + std::string(64, '0'), "", 404, "FF00164"},
        {"GET", "groups/xyz", "", 400, "FF00107"},
        {"GET", "datatypes/nope/1", "", 404, "FF00164"},
        {"GET", std::string("data/") + nil + "/blob", "", 404, "FF00164"},
        // The original drops the connection.
        {"GET", std::string("data/") + nil + "/value", "", 404, "FF00164"},
        {"POST", "messages/broadcast", "{nonsense", 400, ""},
        {"POST", "messages/broadcast", "", 400, ""},
        {"POST", "messages/broadcast", R"({"data":1})", 400, ""},
        {"POST", "messages/broadcast", R"({"data":["text"]})", 400, ""},
        {"POST", "messages/broadcast", R"({"data":[{"id":"00000000-0000-4000-8000-000000000000"}]})", 400, "FF10204"},
        {"POST", "messages/broadcast", R"({"data":[{}]})", 400, "FF10205"},
        {"POST", "messages/broadcast", R"({"header":{"topics":["not good!"]},"data":[{"value":1}]})", 400, "FF00140"},
        {"POST", "messages/broadcast", R"({"header":{"topics":["t","t"]},"data":[{"value":1}]})", 400, "FF00133"},
        {"POST", "messages/broadcast",
         R"({"header":{"topics":["t0","t1","t2","t3","t4","t5","t6","t7","t8","t9","t10"]},"data":[{"value":1}]})", 400,
         "FF00134"},
        {"POST", "messages/broadcast", R"({"header":{"tag":"!"},"data":[{"value":1}]})", 400, "FF00140"},
        {"POST", "messages/broadcast", R"({"header":{"author":"did:firefly:org/nobody"},"data":[{"value":1}]})", 400,
         "FF10206"},
        {"POST", "messages/broadcast", R"({"header":{"key":"zzz"},"data":[{"value":1}]})", 400, "FF10206"},
        {"POST", "messages/broadcast", R"({"data":[{"value":1,"datatype":{"name":"nope","version":"1"}}]})", 400,
         "FF10195"},
        {"POST", "messages/broadcast", R"({"data":[{"value":1,"validator":"nope"}]})", 400, "FF00108"},
        {"POST", "messages/private", R"({"data":[{"value":1}]})", 400, "FF00115"},
        {"POST", "messages/private", R"({"group":{"members":[{"identity":"org_9"}]},"data":[]})", 500, "FF10225"},
        {"POST", "messages/requestreply", R"({"group":{"members":[{"identity":"org_0"}]}})", 400, "FF10261"},
        {"POST", "messages/requestreply", R"({"header":{"tag":"ask","cid":"00000000-0000-4000-8000-000000000000"}})",
         400, "FF10262"},
        {"POST", "messages/requestreply", R"({"header":{"tag":"ask"},"group":{"members":[]}})", 400, "FF10271"},
        // Not there yet.
        {"POST", "datatypes", R"({"name":"x","version":"1","value":{"type":"nope"}})", 400, "FF10196"},
        {"POST", "datatypes", R"({"name":"x","version":"1","value":{},"validator":"none"})", 400, "FF00108"},
        {"POST", "datatypes", R"({"name":7,"version":"1","value":{}})", 400, ""},
        {"POST", "identities", R"({"name":"x","key":"0x976ea74026e726554db657fa54763abd0c3a0aa9"})", 400, "FF00124"},
        {"POST", "identities", R"({"name":"x","key":"k","type":"group","parent":"org_0"})", 400, "FF00172"},
        {"POST", "identities", R"({"name":"x","key":"k","parent":"org_0"})", 400, "FF10141"},
        {"POST", "identities", R"({"name":"x","key":"k","parent":"org_0","profile":[]})", 400, ""},
        {"POST", "identities", R"({"name":"x","key":"k","parent":"nobody"})", 500, "FF10214"},
        {"POST", "network/organizations", R"({"name":"x","key":"k","parent":"nobody"})", 500, "FF10214"},
        {"POST", "data", "{}", 400, "FF00109"},
        {"POST", "data", R"({"value":null})", 400, "FF00109"},
        {"POST", "datatypes", R"({"name":"!","version":"1","value":{}})", 400, "FF00140"},
        {"POST", "datatypes", R"({"name":"x","value":{}})", 400, "FF00140"},
        {"POST", "datatypes", R"({"name":"x","version":"1"})", 400, "FF00112"},
        {"POST", "subscriptions", "{}", 400, "FF00140"},
        {"POST", "subscriptions", R"({"name":"!"})", 400, "FF00140"},
        {"POST", "subscriptions", R"({"name":"00000000-0000-4000-8000-000000000000"})", 400, "FF00141"},
        // The original says 500, but the fault is the client's.
        {"POST", "subscriptions", R"({"name":"x1","filter":{"events":"(("}})", 400, "FF10171"},
        {"POST", "subscriptions", R"({"name":"x1","transport":"pigeons"})", 500, "FF10172"},
        {"POST", "subscriptions", R"({"name":"x1","transport":"system"})", 500, "FF10266"},
        {"POST", "subscriptions", R"({"name":"x1","options":{"withData":true}})", 400, "FF10244"},
        {"POST", "subscriptions", R"({"name":"x1","options":{"firstEvent":"sometime"}})", 400, "FF10191"},
        {"POST", "subscriptions", R"({"name":"x1","options":{"firstEvent":"-2"}})", 400, "FF10192"},
        {"POST", "subscriptions", R"({"name":"x1","options":{"batch":true,"batchTimeout":"soon"}})", 400, "FF00137"},
        {"DELETE", std::string("subscriptions/") + nil, "", 404, "FF10109"},
        {"POST", "subscriptions", R"({"name":"x1","transport":"webhooks"})", 400, "FF10242"},
        {"POST", "subscriptions", R"({"name":"x1","transport":"webhooks","options":{"url":"x"}})", 400, ""},
        {"GET", std::string("subscriptions/") + nil + "/deadletters", "", 404, "FF00164"},
        {"POST", std::string("subscriptions/") + nil + "/retry", "{}", 404, "FF10109"},
        {"POST", std::string("subscriptions/") + nil + "/deadletters/" + nil + "/redrive", "{}", 404, "FF10109"},
        {"DELETE", std::string("subscriptions/") + nil + "/deadletters/" + nil, "", 404, "FF10109"},
        {"DELETE", std::string("subscriptions/") + nil + "/deadletters/x", "", 400, "FF00138"},
        {"DELETE", std::string("data/") + nil, "", 404, "FF10143"},
        {"GET", "messages?limit=1001", "", 400, "FF00192"},
        {"GET", "messages?skip=1001", "", 400, "FF00191"},
        {"GET", "messages?created=>yesterday", "", 400, "FF00143"},
        // The original hands it to its database and answers 500.
        {"GET", "messages?id=x", "", 400, "FF00143"},
        {"GET", "messages?id=^00", "", 400, "FF00145"},
        {"GET", "messages?created=!>0", "", 400, "FF00193"},
        {"GET", "messages?confirmed=?>", "", 400, "FF00193"},
        {"GET", "events?id=x", "", 400, "FF00143"},
        {"GET", "groups?limit=1001", "", 400, "FF00192"},
        {"POST", "network/action", R"({"type":"dance"})", 400, "FF10397"},
        {"POST", "identities", R"({"name":"x"})", 400, "FF10352"},
        {"POST", "identities", R"({"name":"!","key":"0x976ea74026e726554db657fa54763abd0c3a0aa9"})", 400, "FF00140"},
        {"PATCH", std::string("identities/") + nil, R"({"profile":{}})", 404, "FF10143"},
        {"POST", "verifiers/resolve", R"({"value":"zzz"})", 400, "FF10141"},
        {"POST", "verifiers/resolve", "{}", 400, "FF10354"},
        {"POST", "apis/nope/invoke/x", R"({"input":{}})", 404, "FF10109"},
        {"POST", "tokens/mint", R"({"pool":"nope","amount":"1"})", 404, "FF10109"},
        {"GET", "charts/histogram/nothing?startTime=1795310733&endTime=1795311333&buckets=5", "", 400, "FF10301"},
        {"GET", "charts/histogram/events?startTime=1795310733&endTime=1795311333&buckets=1000", "", 400, "FF10298"},
        {"GET", "charts/histogram/events", "", 400, "FF10299"},
        {"GET", "charts/histogram/events?startTime=1795310733", "", 400, "FF10300"},
        {"GET", "network/identities/did:web:example.org", "", 400, "FF10349"},
        {"GET", "/dev/faults", "", 405, ""},
        {"POST", "/dev/faults", "{}", 404, "FF10109"},
        {"GET", "/ws", "", 426, ""},
    };
    return list;
}

TEST(Refusals, have_the_status_and_the_number_that_clients_know) {
    TestWorld world;
    for (auto const& [method, target, body, status, code] : refusals()) {
        auto const has_body = method == "POST" || method == "PUT" || method == "PATCH";
        auto const response = world.request(method, target, body, has_body ? TestWorld::json_type() : net::Headers{});

        EXPECT_EQ(response.status, status) << method << ' ' << target << ' ' << body << ": " << response.body;
        EXPECT_EQ(code_of(response), code) << method << ' ' << target << ' ' << body << ": " << response.body;
        if (status == 405) {
            EXPECT_EQ(response.body, "") << target;
        } else {
            EXPECT_TRUE(response.body.starts_with(R"({"error":")") && response.body.ends_with("}\n"))
                << target << ": " << response.body;
            EXPECT_EQ(response.content_type, "application/json") << target;
        }
    }
}

TEST(Refusals, name_a_second_subscription_and_an_identity_without_a_profile) {
    TestWorld world;
    world.post("subscriptions", R"({"name":"one"})");

    EXPECT_EQ(code_of(world.post("subscriptions", R"({"name":"one"})")), "FF10193");
    auto const update =
        world.request("PATCH", "identities/" + world.org.id.text(), R"({"description":"x"})", TestWorld::json_type());
    EXPECT_EQ(code_of(update), "FF10480");
    EXPECT_EQ(update.status, 400);
}

TEST(Refusals, concern_the_content_type_before_anything_in_the_body) {
    TestWorld world;
    net::Headers xml;
    xml.set("Content-Type", "application/xml");
    net::Headers multipart;
    multipart.set("Content-Type", "multipart/form-data; boundary=x");

    EXPECT_EQ(world.request("POST", "messages/broadcast").status, 415);
    EXPECT_EQ(code_of(world.request("POST", "messages/broadcast", "<a/>", xml)), "FF00162");
    EXPECT_EQ(code_of(world.request("POST", "messages/broadcast", "--x", multipart)), "FF00162");
    EXPECT_EQ(code_of(world.request("POST", "data", "--x", multipart)), "FF00161");
}

}  // namespace
}  // namespace lockstep::api
