// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/blob_form.hpp"

#include <map>

#include "api/errors.hpp"
#include "api/filter/text.hpp"
#include "core/json.hpp"

namespace lockstep::api {

namespace {

// `filename` and `mimetype` beside the members of the metadata, in the order of their names. The original fills
// mimetype from the Content-Disposition, and clients may have come to look for the name there.
std::string with_file_members(const std::optional<std::string>& metadata,
                              const std::string& filename,
                              const std::string& disposition) {
    std::map<std::string, std::string> members;
    json::Value const given{metadata ? std::string_view(*metadata) : std::string_view("{}")};
    if (given.kind() == json::Kind::object) {
        for (auto const& [name, value] : given.members()) members[name] = std::string(value.text());
    }
    json::Writer name, kind;
    name.string(filename);
    kind.string(disposition);
    members["filename"] = name.take();
    members["mimetype"] = kind.take();
    json::Writer out;
    out.begin_object();
    for (auto const& [member, value] : members) out.key(member).raw(value);
    out.end_object();
    return out.take();
}

}  // namespace

Result<void> BlobForm::begin(const net::Multipart::Part& part) {
    in_file_ = part.filename.has_value();
    name_ = part.name;
    text_.clear();
    if (has_file_) {
        if (in_file_) return refuse(errors::multipart_unreadable, {{"reason", "it has more than one file"}});
        return refuse(errors::field_after_file, {{"field", part.name}});
    }
    if (!in_file_) return {};
    has_file_ = true;
    filename_ = *part.filename;
    disposition_ = part.disposition;
    return {};
}

Result<void> BlobForm::add(std::string_view bytes) {
    if (text_.size() + bytes.size() > field_bytes_max) {
        auto const reason = "the field '" + name_ + "' is longer than " + std::to_string(field_bytes_max) + " bytes";
        return refuse(errors::multipart_unreadable, {{"reason", reason}});
    }
    text_ += bytes;
    return {};
}

void BlobForm::end_part() {
    if (!in_file_) {
        if (name_ == "autometa") automatic_ = to_lower(text_) == "true";
        if (name_ == "metadata") metadata_ = std::move(text_);
        if (name_ == "validator") validator_ = std::move(text_);
        if (name_ == "datatype.name") datatype_name_ = std::move(text_);
        if (name_ == "datatype.version") datatype_version_ = std::move(text_);
    }
    in_file_ = false;
    text_.clear();
}

Result<messaging::DataInput> BlobForm::data() const {
    if (!has_file_) return refuse(errors::multipart_unreadable, {{"reason", "it has no file"}});
    messaging::DataInput input;
    input.validator = validator_;
    input.datatype = {datatype_name_, datatype_version_};
    if (!metadata_.empty()) {
        auto const compacted = json::compact(metadata_);
        if (compacted) {
            input.value = *compacted;
        } else {
            json::Writer text;
            text.string(metadata_);
            input.value = text.take();
        }
    }
    if (automatic_) input.value = with_file_members(input.value, filename_, disposition_);
    return input;
}

}  // namespace lockstep::api
