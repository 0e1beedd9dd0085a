// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/filter.hpp"

#include <re2/re2.h>

#include "delivery/errors.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::int64_t pattern_memory_max = 1 << 20;
constexpr int event_types = static_cast<int>(log::EventType::blockchain_contract_deploy_op_failed) + 1;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

// ---- what matches ----

class Filter::Pattern {
  public:
    explicit Pattern(std::string_view text) : expression_(piece(text), options()) {}

    bool ok() const { return expression_.ok(); }
    const std::string& error() const { return expression_.error(); }
    bool matches(std::string_view text) const { return RE2::PartialMatch(piece(text), expression_); }

  private:
    static RE2::Options options() {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_never_capture(true);
        options.set_max_mem(pattern_memory_max);
        return options;
    }

    re2::RE2 expression_;
};

Filter::Filter() = default;
Filter::~Filter() = default;

Result<std::shared_ptr<const Filter>> Filter::compile(const FilterInput& input) {
    // Null for what matches everything anyway.
    auto const compile_one = [](std::string_view member, std::string_view text) -> Result<std::unique_ptr<Pattern>> {
        if (text.empty() || text == ".*") return std::unique_ptr<Pattern>{};
        auto const field = "filter." + std::string(member);
        if (text.size() > pattern_bytes_max) {
            auto const reason = "it is longer than " + std::to_string(pattern_bytes_max) + " bytes";
            return refuse(errors::bad_expression, {{"expression", text}, {"field", field}, {"reason", reason}});
        }
        auto pattern = std::make_unique<Pattern>(text);
        if (!pattern->ok())
            return refuse(errors::bad_expression,
                          {{"expression", text}, {"field", field}, {"reason", pattern->error()}});
        return pattern;
    };
    // The new spelling wins over the old one, and the refusal names the one that counts.
    auto const either = [&](std::string_view member, std::string_view text, std::string_view old_member,
                            std::string_view old_text) {
        return text.empty() ? compile_one(old_member, old_text) : compile_one(member, text);
    };

    std::shared_ptr<Filter> filter(new Filter());
    TRY(auto const events, compile_one("events", input.events));
    for (int type = 0; type < event_types; ++type) {
        if (!events || events->matches(log::word(static_cast<log::EventType>(type))))
            filter->types_ |= std::uint32_t{1} << type;
    }
    TRY(filter->topic_, either("topic", input.topic, "topics", input.old_topics));
    TRY(filter->tag_, either("message.tag", input.message_tag, "tag", input.old_tag));
    TRY(filter->group_, either("message.group", input.message_group, "group", input.old_group));
    TRY(filter->author_, either("message.author", input.message_author, "author", input.old_author));
    TRY(filter->transaction_type_, compile_one("transaction.type", input.transaction_type));
    TRY(filter->chain_name_, compile_one("blockchainevent.name", input.chain_name));
    TRY(filter->chain_listener_, compile_one("blockchainevent.listener", input.chain_listener));
    filter->any_object_ = !filter->tag_ && !filter->group_ && !filter->author_ && !filter->transaction_type_ &&
                          !filter->chain_name_ && !filter->chain_listener_;
    return std::shared_ptr<const Filter>(std::move(filter));
}

bool Filter::may_match(const log::Event& event) const {
    if ((types_ >> static_cast<int>(event.type) & 1) == 0) return false;
    return !topic_ || topic_->matches(event.topic);
}

bool Filter::matches_object(const EnrichedEvent& event) const {
    if (any_object_) return true;
    auto const pass = [](const std::unique_ptr<Pattern>& pattern, const std::string& text) {
        return !pattern || pattern->matches(text);
    };
    return pass(tag_, event.tag) && pass(group_, event.group) && pass(author_, event.author) &&
           pass(transaction_type_, event.transaction_type) && pass(chain_name_, event.chain_event_name) &&
           pass(chain_listener_, event.chain_listener);
}

Result<std::shared_ptr<const Filter>> FilterShelf::get(const FilterInput& input) {
    auto text = input.json();
    auto const known = shelf_.find(text);
    if (known != shelf_.end()) {
        if (auto filter = known->second.lock()) return filter;
    }
    TRY(auto filter, Filter::compile(input));
    std::erase_if(shelf_, [](auto const& entry) { return entry.second.expired(); });
    shelf_.insert_or_assign(std::move(text), filter);
    return filter;
}

}  // namespace lockstep::delivery
