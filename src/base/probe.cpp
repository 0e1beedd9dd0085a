// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/probe.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/must.hpp"

namespace lockstep::probe {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Colons are for recording rules, so a metric of ours has none.
bool is_metric_name(std::string_view name) {
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

struct Registry::State {
    prometheus::Registry registry;
    std::mutex mutex;
    std::map<std::string, std::pair<Kind, std::vector<double>>, std::less<>> known;

    void claim(std::string_view name, Kind kind, const std::vector<double>& buckets) {
        MUST(is_metric_name(name), "a metric's name is letters, digits and underscores");
        const auto [at, fresh] = known.try_emplace(std::string(name), kind, buckets);
        MUST(fresh || at->second == std::make_pair(kind, buckets),
             "a metric's name has one kind and one set of buckets");
    }
};

namespace {

prometheus::Labels merge(const Labels& constant, const Labels& own) {
    prometheus::Labels out;
    for (const Labels* labels : {&constant, &own}) {
        for (const Label& label : *labels) {
            MUST(is_metric_name(label.first) && !label.first.starts_with("__"), "a label's name is a plain word");
            out[label.first] = label.second;
        }
    }
    return out;
}

}  // namespace

void Counter::add(double amount) const {
    if (metric_) metric_->Increment(amount);
}
double Counter::value() const { return metric_ ? metric_->Value() : 0; }

void Gauge::set(double value) const {
    if (metric_) metric_->Set(value);
}
void Gauge::add(double amount) const {
    if (metric_) metric_->Increment(amount);
}
double Gauge::value() const { return metric_ ? metric_->Value() : 0; }

void Histogram::observe(double value) const {
    if (metric_) metric_->Observe(value);
}
void Histogram::observe(std::chrono::nanoseconds duration) const {
    observe(std::chrono::duration<double>(duration).count());
}

std::vector<double> seconds_buckets() {
    return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}
std::vector<double> count_buckets() { return {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536}; }

Registry::Registry() : state_(std::make_shared<State>()) {}
Registry::~Registry() = default;

Registry Registry::with(const Labels& labels) const {
    Registry out(*this);
    out.labels_.insert(out.labels_.end(), labels.begin(), labels.end());
    return out;
}

// The labels are the metric's and not the family's: prometheus-cpp prints each family apart, and HELP
// must come once for a name.
Counter Registry::counter(std::string_view name, std::string_view help, const Labels& labels) const {
    const std::lock_guard lock(state_->mutex);
    state_->claim(name, Kind::counter, {});
    auto& family =
        prometheus::BuildCounter().Name(std::string(name)).Help(std::string(help)).Register(state_->registry);
    Counter out;
    out.metric_ = {state_, &family.Add(merge(labels_, labels))};
    return out;
}

Gauge Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) const {
    const std::lock_guard lock(state_->mutex);
    state_->claim(name, Kind::gauge, {});
    auto& family = prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(state_->registry);
    Gauge out;
    out.metric_ = {state_, &family.Add(merge(labels_, labels))};
    return out;
}

Histogram Registry::histogram(std::string_view name,
                              std::string_view help,
                              const std::vector<double>& buckets,
                              const Labels& labels) const {
    const std::lock_guard lock(state_->mutex);
    MUST(std::is_sorted(buckets.begin(), buckets.end()), "buckets are upper bounds in rising order");
    state_->claim(name, Kind::histogram, buckets);
    auto& family =
        prometheus::BuildHistogram().Name(std::string(name)).Help(std::string(help)).Register(state_->registry);
    Histogram out;
    out.metric_ = {state_, &family.Add(merge(labels_, labels), buckets)};
    return out;
}

namespace {

Labels labels_of(const Metric& metric, Kind kind, std::initializer_list<std::string_view> values) {
    MUST(metric.kind == kind, "a metric is asked for as what it is");
    MUST((kind == Kind::histogram) == (metric.buckets != nullptr), "histograms have buckets, and nothing else has");
    Labels out;
    auto value = values.begin();
    for (const std::string_view name : metric.labels) {
        if (name.empty()) continue;
        MUST(value != values.end(), "every label has a value");
        out.emplace_back(name, *value++);
    }
    MUST(value == values.end(), "every value has a label");
    return out;
}

}  // namespace

Counter Registry::counter(const Metric& metric, std::initializer_list<std::string_view> values) const {
    return counter(metric.name, metric.help, labels_of(metric, Kind::counter, values));
}

Gauge Registry::gauge(const Metric& metric, std::initializer_list<std::string_view> values) const {
    return gauge(metric.name, metric.help, labels_of(metric, Kind::gauge, values));
}

Histogram Registry::histogram(const Metric& metric, std::initializer_list<std::string_view> values) const {
    const Labels labels = labels_of(metric, Kind::histogram, values);
    return histogram(metric.name, metric.help, metric.buckets(), labels);
}

std::string Registry::scrape() const {
    auto families = state_->registry.Collect();
    std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (auto& family : families) {
        std::sort(family.metric.begin(), family.metric.end(),
                  [](const auto& a, const auto& b) { return a.label < b.label; });
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace lockstep::probe
