// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.hpp"

#include <map>

#include "api/filter/text.hpp"
#include "api/schemas.hpp"
#include "core/json.hpp"

namespace lockstep::api {

namespace {

constexpr std::string_view filter_help =
    "Filter: a value with modifiers and an operator before it. = equal, @ contains, ^ starts with, $ ends with, > >= < "
    "<= compare; ! negates,"
    " : ignores case, ? takes an empty value for null, [ combines repeated uses of the field with AND";

void write_type(json::Writer& writer, std::string_view type) {
    auto const plain = [&](std::string_view name, std::string_view format = {}) {
        writer.field("type", name);
        writer.field_if("format", format);
    };
    if (type == "string") return plain("string");
    if (type == "uuid") return plain("string", "uuid");
    if (type == "time") return plain("string", "date-time");
    if (type == "hash") {
        plain("string");
        writer.field("pattern", "^[0-9a-f]{64}$");
        return;
    }
    if (type == "integer") return plain("integer", "int64");
    if (type == "number" || type == "boolean") return plain(type);
    if (type == "any") return;
    if (type == "object") {
        plain("object");
        writer.key("additionalProperties").begin_object().end_object();
        return;
    }
    if (type == "names") {
        plain("array");
        writer.key("items").begin_object().field("type", "string").end_object();
        return;
    }
    if (type.starts_with('[')) {
        plain("array");
        writer.key("items").begin_object();
        write_type(writer, type.substr(1, type.size() - 2));
        writer.end_object();
        return;
    }
    writer.field("$ref", "#/components/schemas/" + std::string(type));
}

void write_member(json::Writer& writer, const Member& member) {
    writer.key(member.name).begin_object();
    auto const reference = member.type.front() >= 'A' && member.type.front() <= 'Z';
    if (reference && !member.description.empty()) {
        // Beside a $ref nothing is read, so the description goes around it.
        writer.field("description", member.description).key("allOf").begin_array().begin_object();
        write_type(writer, member.type);
        writer.end_object().end_array();
    } else {
        write_type(writer, member.type);
        writer.field_if("description", member.description);
    }
    writer.end_object();
}

void write_schemas(json::Writer& writer) {
    writer.key("schemas").begin_object();
    for (auto const& schema : all_schemas()) {
        writer.key(schema.name).begin_object();
        if (!schema.is.empty()) {
            write_type(writer, schema.is);
        } else {
            writer.field("type", "object");
            if (!schema.members.empty()) {
                writer.key("properties").begin_object();
                for (auto const& member : schema.members) write_member(writer, member);
                writer.end_object();
            }
        }
        writer.field_if("description", schema.description).end_object();
    }
    writer.end_object();
}

void write_parameter(json::Writer& writer,
                     std::string_view where,
                     std::string_view name,
                     std::string_view description,
                     std::string_view type) {
    writer.begin_object().field("name", name).field("in", where);
    if (where == "path") writer.key("required").boolean(true);
    writer.field_if("description", description).key("schema").begin_object();
    write_type(writer, type);
    writer.end_object().end_object();
}

std::vector<std::string> names_in(std::string_view path) {
    std::vector<std::string> names;
    for (auto at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
        names.emplace_back(path.substr(at + 1, path.find('}', at) - at - 1));
    }
    return names;
}

void write_parameters(json::Writer& writer, const Route& route, std::string_view path) {
    writer.key("parameters").begin_array();
    for (auto const& name : names_in(path))
        write_parameter(writer, "path", name, name == "ns" ? "The namespace" : "", "string");
    for (auto const& parameter : route.query)
        write_parameter(writer, "query", parameter.name, parameter.description, parameter.type);
    for (auto const& field : route.fields) write_parameter(writer, "query", field.name, filter_help, "string");
    if (route.collection) {
        write_parameter(writer, "query", "skip",
                        "How many of the first results to leave out, at most api.maxFilterLimit (1000)", "integer");
        write_parameter(writer, "query", "limit",
                        "How many results to give, at most api.maxFilterLimit (1000); api.defaultFilterLimit (25) when "
                        "it is not given",
                        "integer");
        write_parameter(writer, "query", "sort", "Fields to sort by, separated by commas; - before one turns it round",
                        "string");
        write_parameter(writer, "query", "ascending", "Sort all fields upwards", "boolean");
        write_parameter(writer, "query", "descending", "Sort all fields downwards", "boolean");
        write_parameter(writer, "query", "count", "Give {count, total, items} in place of the list", "boolean");
    }
    write_parameter(writer, "header", "Request-Timeout", "How long to wait: seconds, or a text like 500ms", "string");
    writer.end_array();
}

void write_content(json::Writer& writer, std::string_view schema) {
    writer.key("content").begin_object().key("application/json").begin_object().key("schema").begin_object();
    write_type(writer, schema);
    writer.end_object().end_object().end_object();
}

std::string_view code_text(int code) {
    switch (code) {
        case 201: return "Created";
        case 202: return "Accepted: it goes on after the answer";
        case 204: return "Done; there is nothing to show";
        default: return "Success";
    }
}

// "get_messages_msgid_data"
std::string operation_id(const Route& route, std::string_view path) {
    auto id = to_lower(route.method);
    for (auto const c : path) {
        if (c == '/' || c == ':') id += '_';
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) id += c;
    }
    return id;
}

void write_operation(json::Writer& writer, const Route& route, std::string_view path) {
    writer.key(to_lower(route.method)).begin_object().key("tags").begin_array().string(route.tag).end_array();
    writer.field("summary", route.summary).field("operationId", operation_id(route, path));
    write_parameters(writer, route, path);
    if (!route.request.empty()) {
        writer.key("requestBody").begin_object().key("required").boolean(true);
        write_content(writer, route.request);
        writer.end_object();
    }
    writer.key("responses").begin_object();
    for (auto const code : route.codes) {
        writer.key(std::to_string(code)).begin_object().field("description", code_text(code));
        if (!route.response.empty())
            write_content(writer,
                          route.collection ? "[" + std::string(route.response) + "]" : std::string(route.response));
        writer.end_object();
    }
    writer.key("default").begin_object().field("description", "Why it was refused");
    write_content(writer, "Error");
    writer.end_object().end_object().end_object();
}

struct Path {
    std::string shown;
    std::vector<const Route*> routes;
};

void add_path(std::vector<Path>& paths, std::string shown, const Route& route) {
    for (auto& path : paths) {
        if (path.shown == shown) {
            path.routes.push_back(&route);
            return;
        }
    }
    paths.push_back({std::move(shown), {&route}});
}

std::vector<Path> paths_of(std::span<const Route> routes, DocumentOf of) {
    std::vector<Path> paths;
    for (auto const& route : routes) {
        if (route.scope == Scope::namespaced || (route.scope == Scope::global && of == DocumentOf::api))
            add_path(paths, "/" + shown_path(route.path), route);
    }
    if (of == DocumentOf::one_namespace) return paths;
    for (auto const& route : routes) {
        if (route.scope == Scope::namespaced) add_path(paths, "/namespaces/{ns}/" + shown_path(route.path), route);
    }
    return paths;
}

void append_yaml(std::string& out, json::Value value, std::size_t depth);

// What follows "key:" or "-".
void append_yaml_value(std::string& out, json::Value value, std::size_t depth) {
    auto const nested = (value.kind() == json::Kind::object && value.text() != "{}") ||
                        (value.kind() == json::Kind::array && value.text() != "[]");
    if (!nested) {
        // A JSON scalar, and an empty collection, is YAML as it stands.
        out += ' ';
        out += value.text();
        out += '\n';
        return;
    }
    out += '\n';
    append_yaml(out, value, depth);
}

void append_yaml(std::string& out, json::Value value, std::size_t depth) {
    auto const indent = std::string(depth * 2, ' ');
    if (value.kind() == json::Kind::object) {
        for (auto const& [name, member] : value.members()) {
            out += indent;
            json::append_string(out, name);
            out += ':';
            append_yaml_value(out, member, depth + 1);
        }
        return;
    }
    for (auto const& element : value.elements()) {
        out += indent;
        out += '-';
        append_yaml_value(out, element, depth + 1);
    }
}

}  // namespace

std::string shown_path(std::string_view pattern) {
    std::string out;
    auto skipping = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == ':' && out.find('{', out.rfind('/') + 1) != std::string::npos) skipping = true;
        if (pattern[at] == '}') skipping = false;
        if (!skipping) out += pattern[at];
    }
    return out;
}

std::string openapi_json(std::span<const Route> routes,
                         DocumentOf of,
                         std::string_view server,
                         std::string_view version) {
    json::Writer writer;
    writer.reserve(1 << 19);
    writer.begin_object()
        .field("openapi", "3.0.2")
        .key("info")
        .begin_object()
        .field("title", "Hyperledger FireFly")
        .field("version", "1.0");
    writer.field("description", "The member face of Lockstep " + std::string(version) + ": many parties, one sequence")
        .end_object();
    writer.key("servers").begin_array().begin_object().field("url", server).end_object().end_array();
    writer.key("paths").begin_object();
    for (auto const& path : paths_of(routes, of)) {
        writer.key(path.shown).begin_object();
        for (auto const* route : path.routes) write_operation(writer, *route, path.shown);
        writer.end_object();
    }
    writer.end_object().key("components").begin_object();
    write_schemas(writer);
    writer.end_object().end_object();
    return writer.take();
}

std::string yaml_of(std::string_view compact_json) {
    std::string out;
    out.reserve(compact_json.size() * 2);
    append_yaml(out, json::Value{compact_json}, 0);
    return out;
}

}  // namespace lockstep::api
