// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include "app/config/errors.hpp"
#include "app/config/tree.hpp"

namespace lockstep::app::config {

namespace {

int line_of(const YAML::Mark& mark) { return mark.is_null() ? 1 : mark.line + 1; }

// What a node has beyond what we take. Thrown within this file only.
struct Unusable {
    int line;
    std::string reason;
};

class Converter {
  public:
    Tree convert(const YAML::Node& node, int depth) {
        auto const line = line_of(node.Mark());
        if (++nodes_ > config_nodes_max) throw Unusable{line, "it is longer than a configuration can be"};
        if (depth > 32) throw Unusable{line, "it is nested too deeply"};
        Tree out;
        out.line = line;
        switch (node.Type()) {
            case YAML::NodeType::Undefined:
            case YAML::NodeType::Null: break;
            case YAML::NodeType::Scalar:
                out.kind = Tree::Kind::text;
                out.text = node.Scalar();
                break;
            case YAML::NodeType::Sequence:
                out.kind = Tree::Kind::list;
                for (auto const& item : node) out.list.push_back(convert(item, depth + 1));
                break;
            case YAML::NodeType::Map:
                out.kind = Tree::Kind::map;
                for (auto const& pair : node) {
                    auto const at = line_of(pair.first.Mark());
                    if (!pair.first.IsScalar()) throw Unusable{at, "a key is a word"};
                    out.map.push_back({pair.first.Scalar(), at, convert(pair.second, depth + 1)});
                }
                break;
        }
        return out;
    }

  private:
    std::size_t nodes_ = 0;
};

}  // namespace

Result<Tree> parse_yaml(std::string_view text, std::string_view file) {
    auto const bad = [file](int line, std::string_view reason) {
        auto const place = std::string(file) + ":" + std::to_string(line);
        return refuse(errors::bad_yaml, {{"place", place}, {"reason", reason}});
    };
    if (text.size() > config_bytes_max) return bad(1, "it is longer than 256 KiB");
    try {
        return Converter().convert(YAML::Load(std::string(text)), 0);
    } catch (const Unusable& unusable) {
        return bad(unusable.line, unusable.reason);
    } catch (const YAML::Exception& error) {
        return bad(line_of(error.mark), error.msg);
    }
}

}  // namespace lockstep::app::config
