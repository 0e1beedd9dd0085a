// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Metrics. A module owns one small class, its Probe, made of these:
//
//     constexpr probe::Metric sealed_metric{
//         "lockstep_messaging_batches_sealed_total", probe::Kind::counter, "Batches sealed"};
//     struct Probe {
//         explicit Probe(const probe::Registry& registry) : sealed(registry.counter(sealed_metric)) {}
//         probe::Counter sealed;
//     };
//
// One registry a process, so that a scrape shows each name once; several members in one process share it
// through with(): metrics made by registry.with({{"member", "0"}}) carry that label. Names are
// lockstep_<module>_<what>_<unit>, counters end in _total, labels are few and bounded.
#pragma once

#include <array>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace lockstep::probe {

using Label = std::pair<std::string, std::string>;
using Labels = std::vector<Label>;

// Counter, Gauge and Histogram are handles: cheap to copy, safe from every thread, valid as long as any
// handle or the registry lives. One made by default counts nothing, for code that nobody watches.

class Counter {
  public:
    Counter() = default;
    void add(double amount = 1) const;  // amount >= 0
    double value() const;

  private:
    friend class Registry;
    std::shared_ptr<prometheus::Counter> metric_;
};

class Gauge {
  public:
    Gauge() = default;
    void set(double value) const;
    void add(double amount) const;
    double value() const;

  private:
    friend class Registry;
    std::shared_ptr<prometheus::Gauge> metric_;
};

class Histogram {
  public:
    Histogram() = default;
    void observe(double value) const;
    void observe(std::chrono::nanoseconds duration) const;  // as seconds

  private:
    friend class Registry;
    std::shared_ptr<prometheus::Histogram> metric_;
};

// Upper bounds from 0.1 ms to 60 s, for what is measured in seconds.
std::vector<double> seconds_buckets();
// Powers of four from 1 to 65,536, for sizes of batches and pages.
std::vector<double> count_buckets();

enum class Kind { counter, gauge, histogram };

// What is measured, as data: docs/reference/metrics.md and the registry are made from the same.
struct Metric {
    std::string_view name;
    Kind kind;
    std::string_view help;
    std::array<std::string_view, 3> labels = {};  // their names; empty ones are none
    std::vector<double> (*buckets)() = nullptr;   // of a histogram
};

// Asking twice for the same name and labels gives the same metric. Another kind of metric, or other
// buckets, under a name that is taken is a bug and aborts; so is a name or label that Prometheus refuses.
// Metrics are made at start; making one locks, using one does not wait for scrapes.
class Registry {
  public:
    Registry();
    ~Registry();
    Registry(const Registry&) = default;
    Registry& operator=(const Registry&) = default;

    // The same registry; everything made through the answer carries `labels` too.
    Registry with(const Labels& labels) const;

    Counter counter(std::string_view name, std::string_view help, const Labels& labels = {}) const;
    Gauge gauge(std::string_view name, std::string_view help, const Labels& labels = {}) const;
    Histogram histogram(std::string_view name,
                        std::string_view help,
                        const std::vector<double>& buckets,
                        const Labels& labels = {}) const;

    // `values` are those of the metric's labels, in their order.
    Counter counter(const Metric& metric, std::initializer_list<std::string_view> values = {}) const;
    Gauge gauge(const Metric& metric, std::initializer_list<std::string_view> values = {}) const;
    Histogram histogram(const Metric& metric, std::initializer_list<std::string_view> values = {}) const;

    // Everything, also what was made without these labels, in Prometheus' text format, sorted by name.
    std::string scrape() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
    Labels labels_;
};

}  // namespace lockstep::probe
