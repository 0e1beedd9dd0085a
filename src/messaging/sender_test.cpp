// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is said is stored or refused (firefly-core.md 3.2 to 3.8, 9.4, 30). The numbers of invariants are those
// of the README.
#include "messaging/sender.hpp"

#include <boost/asio/use_future.hpp>
#include <future>

#include "core/json.hpp"
#include "messaging/test_world.hpp"

namespace lockstep::messaging {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

DataInput a_reference(const Uuid& id, std::optional<Hash> hash = {}) {
    DataInput input;
    input.id = id;
    input.hash = hash;
    return input;
}

// ---- what is stored ----

TEST(Sender, AnswersWithAMessageThatIsSealedAndStored) {
    Member member;
    auto const id = member.ids().next();
    auto const said = member.await(member.sender->broadcast(Member::a_message(R"({"a":1})"), id));
    ASSERT_TRUE(said) << said.error().message();
    member.crash();

    auto const found = member.find(id);
    ASSERT_TRUE(found) << "what was answered is stored (invariant 1)";
    EXPECT_EQ(found->seq, said->seq);
    EXPECT_EQ(found->state, MessageState::ready);
    EXPECT_TRUE(found->confirmed.is_zero());
    auto const& header = found->message.header;
    EXPECT_EQ(header.type, MessageType::broadcast);
    EXPECT_EQ(header.txtype, TxType::batch_pin);
    EXPECT_EQ(header.author, "did:firefly:org/acme");
    EXPECT_EQ(header.key, member.keys[0].address());
    EXPECT_EQ(header.namespace_, "default");
    EXPECT_THAT(header.topics, ElementsAre("default"));
    EXPECT_EQ(header.created, said->message.header.created);
    auto sealed = found->message;
    seal(sealed);
    EXPECT_EQ(sealed.hash, found->message.hash);
    EXPECT_EQ(sealed.header.datahash, header.datahash);
    ASSERT_THAT(found->message.data, SizeIs(1));
    auto const data =
        member.read([&](store::Snapshot& snapshot) { return find_data(snapshot, test_ns, found->message.data[0]); });
    ASSERT_TRUE(data);
    EXPECT_EQ(data->value, R"({"a":1})");
    EXPECT_EQ(data->validator, "json");
}

TEST(Sender, KeepsWhatTheClientMayChoose) {
    Member member;
    auto input = Member::a_message();
    input.cid = member.ids().next();
    input.tag = "order";
    input.topics = {"b", "a"};
    input.created = Time{1'600'000'000'000'000'000};
    input.type = "private";
    input.txtype = "unpinned";
    auto const cid = input.cid;

    auto const header = member.say(std::move(input)).message.header;

    EXPECT_EQ(header.cid, cid);
    EXPECT_EQ(header.tag, "order");
    EXPECT_THAT(header.topics, ElementsAre("b", "a"));
    EXPECT_EQ(header.created, Time{1'600'000'000'000'000'000});
    EXPECT_EQ(header.type, MessageType::broadcast) << "the route decides";
    EXPECT_EQ(header.txtype, TxType::batch_pin);
}

TEST(Sender, TellsWhoCountsOfEachMessageThatWasStored) {
    Member member;
    std::vector<Uuid> heard;
    member.sender->on_submitted([&](const MessageRow& row) { heard.push_back(row.message.header.id); });
    auto bad = Member::a_message();
    bad.tag = "no name";
    EXPECT_EQ(member.code_of(bad), "FF00140");

    auto const said = member.say();

    EXPECT_THAT(heard, ElementsAre(said.message.header.id));
}

TEST(Sender, OffersMessagesInTheOrderInWhichTheyAreStored) {
    Member member(1, {.messages_max = 7});
    std::vector<std::future<Result<MessageRow>>> answers;
    for (int i = 0; i < 40; ++i) {
        answers.push_back(asio::co_spawn(
            member.executor(), member.sender->broadcast(Member::a_message(), member.ids().next()), asio::use_future));
    }
    member.start();
    member.pass(1s);

    std::vector<std::int64_t> seqs;
    for (auto& answer : answers) seqs.push_back(answer.get()->seq);
    EXPECT_TRUE(std::is_sorted(seqs.begin(), seqs.end()));
    EXPECT_THAT(member.batched(), SizeIs(40));
    EXPECT_EQ(member.batched(), member.stored_messages());
}

// ---- who says it (3.2) ----

struct Signing {
    std::string author, key;
    const char *did, *code;  // of the author, or why it is refused
    const char* reason = "";
};

TEST(Sender, ResolvesAuthorAndKey) {
    Member member;
    auto const& mine = member.keys[0].address();
    auto const& second = member.keys[1].address();
    auto upper = mine;
    std::transform(upper.begin() + 2, upper.end(), upper.begin() + 2, [](char c) { return std::toupper(c); });
    auto const unknown = registry::key_of('9');
    auto const* const acme = "did:firefly:org/acme";
    auto const* const other = "did:firefly:org/other";
    for (auto const& [author, key, did, code, reason] : {
             Signing{"", "", acme, ""},
             Signing{"acme", "", acme, ""},
             Signing{acme, "", acme, ""},
             Signing{member.acme.identity.id.text(), "", acme, ""},
             Signing{"", mine, acme, ""},
             Signing{"", upper, acme, ""},
             Signing{"", mine.substr(2), acme, ""},
             Signing{"acme", mine, acme, ""},
             Signing{"", second, other, ""},
             Signing{"other", "", other, ""},
             Signing{other, second, other, ""},
             Signing{"other", mine, "", "FF10206", "FF10355"},
             Signing{acme, second, "", "FF10206", "FF10355"},
             Signing{"nobody", "", "", "FF10206", "FF10277"},
             Signing{"nobody", unknown, "", "FF10206", "FF10277"},
             Signing{"", unknown, "", "FF10206", "FF10356"},
             Signing{"", "0x12", "", "FF10206", "FF10141"},
             Signing{"did:web:acme", "", "", "FF10206", "FF10349"},
             Signing{"did:firefly:node/node1", "", "", "FF10206", "FF10353"},
             Signing{"stranger", "", "", "LS10503", ""},
             Signing{"", registry::key_of('7'), "", "LS10503", ""},
             Signing{"acme", unknown, "", "LS10503", ""},
         }) {
        SCOPED_TRACE("author '" + author + "', key '" + key + "'");
        auto input = Member::a_message();
        input.author = author;
        input.key = key;
        auto const said = member.try_say(std::move(input));
        EXPECT_EQ(said ? "" : said.error().code(), code);
        if (said) {
            EXPECT_EQ(said->message.header.author, did);
            EXPECT_EQ(said->message.header.key, std::string_view(did) == acme ? mine : second);
        } else {
            EXPECT_EQ(said.error().status(), 400);
            EXPECT_THAT(said.error().text(), HasSubstr(reason));
        }
    }
}

TEST(Sender, SaysNothingForAnOrganisationThatIsNotRegistered) {
    Member member(1, {}, false);
    auto const said = member.try_say(Member::a_message());
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code(), "FF10206");
    EXPECT_THAT(said.error().text(), HasSubstr("FF10281"));
}

// ---- data (3.3) ----

TEST(Sender, RefersToDataThatIsHere) {
    Member member;
    auto const data = member.keep(R"({"big":1})");
    auto input = Member::a_message();
    input.data.push_back(a_reference(data.id));
    auto const said = member.say(std::move(input));
    MessageInput checked;
    checked.data.push_back(a_reference(data.id, data.hash));
    auto const again = member.say(std::move(checked));

    EXPECT_EQ(said.message.data.at(1), (DataRef{data.id, data.hash}));
    EXPECT_EQ(again.message.data.at(0), (DataRef{data.id, data.hash}));
    EXPECT_EQ(member.count("data"), 2) << "a payload is stored once (invariant 5)";
    auto const users =
        member.read([&](store::Snapshot& snapshot) { return messages_of_data(snapshot, test_ns, data.id, 10); });
    ASSERT_THAT(users, SizeIs(2));
    EXPECT_EQ(users[0].seq, again.seq) << "the newest first";
    EXPECT_EQ(users[1].seq, said.seq);
}

TEST(Sender, RefusesDataByCode) {
    Member member;
    auto const data = member.keep("1");
    auto const with = [](auto change) {
        auto input = Member::a_message();
        change(input.data[0]);
        return input;
    };
    EXPECT_EQ(member.code_of(with([&](DataInput& item) { item = a_reference(member.ids().next()); })), "FF10204");
    EXPECT_EQ(member.code_of(with([&](DataInput& item) { item = a_reference(data.id, Hash{}); })), "FF10204");
    EXPECT_EQ(member.code_of(with([](DataInput& item) { item = {}; })), "FF10205");
    EXPECT_EQ(member.code_of(with([](DataInput& item) { item.has_blob = true; })), "FF10239");
    EXPECT_EQ(member.code_of(with([](DataInput& item) {
        item.has_blob = true;
        item.blob_hash = sha256(std::string_view("nobody has brought this"));
    })),
              "FF10239");
    EXPECT_EQ(member.code_of(with([](DataInput& item) { item.validator = "xml"; })), "FF00108");
    EXPECT_EQ(member.code_of(with([](DataInput& item) { item.datatype = {"n", "v"}; })), "FF10195");
    EXPECT_EQ(member.code_of(with([](DataInput& item) {
        item.datatype = {"n", "v"};
        item.validator = "none";
    })),
              "said");
    auto twice = Member::a_message();
    twice.data = {a_reference(data.id), a_reference(data.id)};
    EXPECT_EQ(member.code_of(twice), "FF00129");
    EXPECT_EQ(member.code_of(MessageInput{}), "said") << "no data at all is legal";
}

TEST(Sender, RefusesFieldsByCode) {
    Member member;
    auto const with_topics = [](std::vector<std::string> topics) {
        auto input = Member::a_message();
        input.topics = std::move(topics);
        return input;
    };
    std::vector<std::string> ten, eleven;
    for (int i = 0; i < 11; ++i) eleven.push_back("t" + std::to_string(i));
    ten.assign(eleven.begin(), eleven.end() - 1);
    EXPECT_EQ(member.code_of(with_topics(ten)), "said");
    EXPECT_EQ(member.code_of(with_topics(eleven)), "FF00134");
    EXPECT_EQ(member.code_of(with_topics({"a", "b", "a"})), "FF00133");
    EXPECT_EQ(member.code_of(with_topics({"a", ""})), "FF00140");
    EXPECT_EQ(member.code_of(with_topics({"a,b"})), "FF00140");
    EXPECT_EQ(member.code_of(with_topics({std::string(64, 't')})), "said");
    EXPECT_EQ(member.code_of(with_topics({std::string(65, 't')})), "FF00140");
    auto tagged = Member::a_message();
    tagged.tag = "-";
    EXPECT_EQ(member.code_of(tagged), "FF00140");
}

TEST(Sender, RefusesWhatNoDocumentHasRoomFor) {
    Member member;
    auto const of_size = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'v') + "\""; };
    EXPECT_EQ(member.code_of(Member::a_message(of_size(797 * 1024))), "said");
    EXPECT_EQ(member.code_of(Member::a_message(of_size(800 * 1024))), "FF10327");

    auto const half = member.keep(of_size(500 * 1024));
    auto const other_half = member.keep(of_size(500 * 1024));
    MessageInput both;
    both.data = {a_reference(half.id), a_reference(other_half.id)};
    EXPECT_EQ(member.code_of(both), "FF10327") << "what is referred to travels as well";
    both.data.pop_back();
    EXPECT_EQ(member.code_of(both), "said");
    member.start();
    member.pass(2s);
    for (auto const& [payload, document] : member.outbox.documents) EXPECT_LE(document->size(), 800U * 1024);
}

TEST(Sender, StoresNothingOfWhatItRefuses) {
    Member member;
    auto const before = member.count("data");
    auto input = Member::a_message();
    input.topics = {"a", "a"};
    input.idempotency_key = "k";
    EXPECT_EQ(member.code_of(input), "FF00133");

    EXPECT_EQ(member.count("messages"), 0);
    EXPECT_EQ(member.count("data"), before);
    EXPECT_EQ(member.batcher->waiting(), 0U);
    input.topics = {"a"};
    EXPECT_EQ(member.code_of(input), "said") << "its key is not used up";
}

// ---- idempotency keys (invariant 2) ----

MessageInput keyed(const std::string& key) {
    auto input = Member::a_message();
    input.idempotency_key = key;
    return input;
}

TEST(IdempotencyKeys, AreRefusedASecondTimeByTheFirstsId) {
    Member member;
    auto const first = member.say(keyed("k"));
    auto const second = member.try_say(keyed("k"));

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), "FF10430");
    EXPECT_EQ(second.error().status(), 409);
    EXPECT_THAT(second.error().text(), HasSubstr(first.message.header.id.text()));
    EXPECT_EQ(member.code_of(keyed("another")), "said");
    EXPECT_EQ(member.code_of(keyed("")), "said");
    EXPECT_EQ(member.code_of(keyed("")), "said");
    member.restart();
    EXPECT_EQ(member.code_of(keyed("k")), "FF10430");
    EXPECT_EQ(member.count("data"), member.count("messages")) << "the refused left nothing";
}

TEST(IdempotencyKeys, StoreOneOfManyThatComeTogether) {
    Member member;
    std::vector<std::future<Result<MessageRow>>> answers;
    for (int i = 0; i < 10; ++i) {
        answers.push_back(asio::co_spawn(member.executor(), member.sender->broadcast(keyed("k"), member.ids().next()),
                                         asio::use_future));
    }
    member.settle();

    int said = 0;
    for (auto& answer : answers) {
        auto const result = answer.get();
        said += result ? 1 : 0;
        EXPECT_EQ(result ? "FF10430" : result.error().code(), "FF10430");
    }
    EXPECT_EQ(said, 1);
    EXPECT_EQ(member.count("messages"), 1);
    EXPECT_EQ(member.batcher->waiting(), 1U);
}

TEST(IdempotencyKeys, TellWhetherAMessageSurvivedACrash) {
    for (bool const after : {false, true}) {
        Member member;
        member.die_at(0, after);
        EXPECT_THROW(member.say(keyed("k")), store::StoreError);
        member.crash();

        EXPECT_EQ(member.code_of(keyed("k")), after ? "FF10430" : "said");
        EXPECT_EQ(member.count("messages"), 1);
    }
}

// ---- definitions and registration (9.4) ----

TEST(Registration, ClaimsTheConfiguredOrganisationAndThenItsNode) {
    Member member(1, {}, false);
    auto const too_early = member.await(member.sender->register_node(member.ids().next()));
    EXPECT_EQ(too_early.error().code(), "FF10281");
    EXPECT_EQ(member.count("messages"), 0);

    auto const claim = member.ids().next();
    auto const org = member.await(member.sender->register_org(claim));
    auto const node = member.await(member.sender->register_node(member.ids().next()));  // not confirmed yet

    ASSERT_TRUE(org);
    ASSERT_TRUE(node);
    EXPECT_EQ(org->did, "did:firefly:org/acme");
    EXPECT_EQ(node->parent, org->id);
    auto const message = member.find(claim)->message;
    EXPECT_EQ(message.header.type, MessageType::definition);
    EXPECT_EQ(message.header.tag, "ff_identity_claim");
    EXPECT_THAT(message.header.topics, ElementsAre(identity_topic(org->did)));
    EXPECT_EQ(message.header.author, org->did);
    EXPECT_EQ(message.header.key, member.profile.key);
    auto const value =
        member.read([&](store::Snapshot& snapshot) { return find_data(snapshot, test_ns, message.data.at(0))->value; });
    EXPECT_EQ(registry::parse_claim(value)->id, org->id);
    EXPECT_EQ(member.code_of(Member::a_message()), "said") << "it may speak from now on";
}

TEST(Registration, NeedsAConfiguration) {
    Member member;
    member.profile.org_name = member.profile.node_name = "";
    EXPECT_EQ(member.await(member.sender->register_org(member.ids().next())).error().code(), "FF10216");
    EXPECT_EQ(member.await(member.sender->register_node(member.ids().next())).error().code(), "FF10216");
}

TEST(Registration, OfANodeUsesTheOrganisationThatIsRegistered) {
    Member member;
    auto const node = member.await(member.sender->register_node(member.ids().next()));
    ASSERT_TRUE(node);
    EXPECT_EQ(node->parent, member.acme.identity.id);
    EXPECT_EQ(node->profile, member.profile.node_profile);
}

}  // namespace
}  // namespace lockstep::messaging
