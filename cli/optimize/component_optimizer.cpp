#include "cli/optimize/component_optimizer.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include "cli/optimize/core_optimizer.hpp"
#include "cli/optimize/memory_share.hpp"
#include "manifests/encoding.hpp"
#include "wasm/rewrite/component_writer.hpp"
#include "wasm/rewrite/link_check.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

constexpr int k_max_rounds = 8;  // two or three are usual: main module, shim and adapter, then what those freed
constexpr std::uint64_t k_least_share = std::uint64_t{1} << 30;
constexpr std::uint64_t k_share_factor = 128;  // 20 times a module's size was the most seen

/// What of a module the rest of the component uses.
struct Shape {
  wasm::NameSet exports{};
  std::optional<std::set<std::uint32_t>> slots{};
  friend bool operator==(const Shape&, const Shape&) = default;
};

/// One result; owned by all parts whose modules were identical.
using SharedResult = std::shared_ptr<const Optimized>;

struct Part {
  ByteView original{};
  wasm::ModuleEdges before{};
  wasm::ModuleEdges edges{};  ///< as it is now
  std::optional<Shape> shape{};
  SharedResult result{};  ///< nothing: as it was
  NestedModule report{};
  [[nodiscard]] ByteView bytes() const { return result ? result->bytes() : original; }
};

struct Job {
  Bytes module{};  ///< trimmed
  ByteView original{};
  std::vector<std::size_t> parts{};  ///< for which it stands
  SharedResult result{};
  std::optional<Error> error{};
};

class ComponentOptimizer {
 public:
  ComponentOptimizer(const Context& context, ByteView component, const OptimizeRequest& request)
      : context_(context), component_(component), request_(request), memory_(request.limits.memory_bytes) {}

  Result<Optimized> run();

 private:
  Result<void> open();
  Result<bool> run_round();
  Result<std::vector<Job>> plan();
  [[nodiscard]] Result<Bytes> trimmed(const Part& part, const Shape& shape) const;
  void run_jobs(std::vector<Job>& jobs);
  void run_job(Job& job);
  [[nodiscard]] Result<Optimized> optimize_trimmed(const Job& job) const;
  Result<void> accept(const Job& job);
  Result<Optimized> finish();
  [[nodiscard]] Result<wasm::BinarySummary> check(ByteView result) const;
  void report(Optimized& out) const;
  [[nodiscard]] std::vector<wasm::ModuleEdges> edges() const;

  const Context& context_;
  ByteView component_;
  const OptimizeRequest& request_;
  MemoryShare memory_;
  wasm::Limits limits_{};
  wasm::BinarySummary summary_{};
  wasm::ComponentTree tree_{};
  std::vector<Part> parts_{};
  wasm::Liveness live_{};
};

std::string part_name(const NestedModule& report) {
  return "core module " + std::to_string(report.index) + (report.name.empty() ? "" : " (" + printable(report.name) + ")");
}

Result<void> ComponentOptimizer::open() {
  TRY_ASSIGN(summary_, wasm::summarize(component_, limits_, wasm::ReadDepth::code));
  TRY_ASSIGN(tree_, wasm::read_component_tree(component_, limits_));
  std::vector<std::string> names;
  for (const wasm::NestedItem& item : summary_.nested) {
    if (item.kind == wasm::Kind::module) names.push_back(item.name);
  }
  CHECK(names.size() == tree_.modules.size());
  for (std::size_t i = 0; i < tree_.modules.size(); ++i) {
    Part& part = parts_.emplace_back();
    part.original = tree_.entries[tree_.modules[i]].bytes;
    TRY_ASSIGN(part.before, wasm::read_module_edges(part.original, limits_));
    part.edges = part.before;
    part.report = {.index = static_cast<std::uint32_t>(i), .name = names[i], .size_before = part.original.size()};
  }
  return {};
}

std::vector<wasm::ModuleEdges> ComponentOptimizer::edges() const {
  std::vector<wasm::ModuleEdges> out;
  out.reserve(parts_.size());
  for (const Part& part : parts_) out.push_back(part.edges);
  return out;
}

Result<Bytes> ComponentOptimizer::trimmed(const Part& part, const Shape& shape) const {
  Bytes out(part.original.begin(), part.original.end());
  if (shape.slots) out = wasm::keep_slots(part.original, *shape.slots, limits_);
  if (shape.exports != part.before.exports) {
    TRY_ASSIGN(out, wasm::keep_exports(out, shape.exports, limits_));
  }
  return out;
}

// Modules whose use has changed since they were last optimized; identical ones share a job.
Result<std::vector<Job>> ComponentOptimizer::plan() {
  std::vector<Job> jobs;
  std::map<std::string, std::size_t> by_digest;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    if (!live_.entries[tree_.modules[i]]) continue;
    Shape shape{.exports = live_.exports[i]};
    if (const auto slots = live_.slots.find(static_cast<wasm::ModuleId>(i)); slots != live_.slots.end()) shape.slots = slots->second;
    if (part.shape == shape) continue;
    part.shape = shape;
    if (part.before.is_object_file) {
      part.report.reason = "it is an object file";
      if (request_.strict) return fail(ErrorCode::unsupported, part_name(part.report) + " was not optimized: " + part.report.reason);
      continue;
    }
    TRY_ASSIGN(Bytes module, trimmed(part, shape));
    const auto [found, is_new] = by_digest.emplace(digest_of(module).text(), jobs.size());
    if (is_new) jobs.push_back({.module = std::move(module), .original = part.original});
    jobs[found->second].parts.push_back(i);
  }
  std::ranges::stable_sort(jobs, std::ranges::greater{}, [](const Job& job) { return job.module.size(); });
  return jobs;
}

// A module that is not optimized keeps its exports: one may be all that declares a function for ref.func.
Result<Optimized> ComponentOptimizer::optimize_trimmed(const Job& job) const {
  OptimizeRequest request = request_;
  const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::uint64_t wanted = std::max({k_least_share, k_share_factor * job.module.size(), request.limits.memory_bytes / cores});
  request.limits.memory_bytes = std::min(wanted, request.limits.memory_bytes);
  TRY_ASSIGN(Optimized out, optimize_core(context_, job.module, request));
  const bool is_whole = std::ranges::equal(job.module, job.original);
  if (is_whole || !out.kept_input) return out;
  if (out.optimized) {
    TRY_ASSIGN(const wasm::BinarySummary summary, wasm::summarize(job.original, limits_, wasm::ReadDepth::code));
    if (!summary.constructs.has(wasm::Construct::reference_types)) return out;
  }
  TRY_ASSIGN(const wasm::StripOutcome stripped, wasm::strip_sections(job.original, request_.strip, limits_));
  out.made = stripped.file.joined();
  return out;
}

void ComponentOptimizer::run_job(Job& job) {
  const MemoryShare::Part part(
      memory_, std::min(request_.limits.memory_bytes, std::max<std::uint64_t>(k_least_share, k_share_factor * job.module.size())));
  auto result = optimize_trimmed(job);
  if (result) job.result = std::make_shared<const Optimized>(*std::move(result));
  else job.error = std::move(result).error();
}

void ComponentOptimizer::run_jobs(std::vector<Job>& jobs) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) run_job(jobs[i]);
  };
  const std::size_t count = std::min<std::size_t>(jobs.size(), std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

Result<void> ComponentOptimizer::accept(const Job& job) {
  if (job.error) {
    Error error = *job.error;
    return std::move(error).during("optimizing " + part_name(parts_[job.parts.front()].report));
  }
  TRY_ASSIGN(const wasm::ModuleEdges edges, wasm::read_module_edges(job.result->bytes(), limits_));
  for (const std::size_t index : job.parts) {
    Part& part = parts_[index];
    // What an earlier round has freed must not be wanted again, or the rounds might never end.
    const bool wants_more = std::ranges::any_of(edges.imports, [&](const wasm::ModuleImport& import) {
      return std::ranges::find(part.edges.imports, import) == part.edges.imports.end();
    });
    if (wants_more) continue;
    part.edges = edges;
    part.result = job.result;
    part.report.optimized = job.result->optimized;
    part.report.reason = job.result->reason;
  }
  return {};
}

/// Whether anything was done.
Result<bool> ComponentOptimizer::run_round() {
  live_ = wasm::find_live(tree_, edges(), {.keep_imports = request_.keep_imports}, limits_);
  TRY_ASSIGN(std::vector<Job> jobs, plan());
  if (jobs.empty()) return false;
  run_jobs(jobs);
  for (const Job& job : jobs) TRY(accept(job));
  return true;
}

// The promises of the result. Links between the modules are checked against what the new file says, not what was planned.
Result<wasm::BinarySummary> ComponentOptimizer::check(ByteView result) const {
  const auto refuse = [](const std::string& what) {
    return fail(ErrorCode::unsupported, "the optimized component was not used: " + what)
        .hinting("use the component as it is; davit strip works on it");
  };
  auto after = wasm::summarize(result, limits_, wasm::ReadDepth::code);
  if (!after) return refuse("it is not well-formed, " + after.error().message);
  if (after->exports != summary_.exports) return refuse("its exports differ from the input's");
  for (const wasm::ImportItem& item : after->imports) {
    if (std::ranges::find(summary_.imports, item) == summary_.imports.end())
      return refuse("its import " + printable(item.name) + " differs from the input's");
  }
  for (const std::string& feature : wasm::features_of(after->constructs)) {
    if (std::ranges::find(summary_.features, feature) == summary_.features.end())
      return refuse("it uses " + feature + ", which the input does not");
  }
  TRY_ASSIGN(const wasm::ComponentTree tree, wasm::read_component_tree(result, limits_));
  std::vector<wasm::ModuleEdges> edges;
  for (const wasm::EntryId module : tree.modules) {
    TRY_ASSIGN(wasm::ModuleEdges found, wasm::read_module_edges(tree.entries[module].bytes, limits_));
    edges.push_back(std::move(found));
  }
  if (auto linked = wasm::check_links(tree, edges); !linked) return refuse(linked.error().message);
  return *std::move(after);
}

void ComponentOptimizer::report(Optimized& out) const {
  std::size_t done = 0;
  bool all_cached = true;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    NestedModule report = part.report;
    const bool is_live = live_.entries[tree_.modules[i]];
    report.size_after = is_live ? part.bytes().size() : 0;
    report.exports_dropped = part.before.exports.size() - (is_live ? part.edges.exports.size() : 0);
    report.imports_dropped = part.before.imports.size() - (is_live ? part.edges.imports.size() : 0);
    if (is_live && report.optimized) ++done;
    if (is_live && !report.optimized && out.reason.empty()) out.reason = part_name(report) + " was not optimized: " + report.reason;
    if (part.result) {
      all_cached &= part.result->from_cache;
      if (out.optimizer.empty() && report.optimized) out.optimizer = part.result->optimizer;
    }
    out.modules.push_back(std::move(report));
  }
  out.from_cache = all_cached && done != 0;
  out.optimized = done != 0 || parts_.empty();
}

Result<Optimized> ComponentOptimizer::finish() {
  std::vector<ByteView> modules;
  modules.reserve(parts_.size());
  for (const Part& part : parts_) modules.push_back(part.bytes());
  Bytes written = wasm::write_component(tree_, live_, modules);
  TRY_ASSIGN(const wasm::StripOutcome stripped, wasm::strip_sections(written, request_.strip, limits_));
  Optimized out{.is_component = true};
  if (stripped.removed.empty()) out.made = std::move(written);
  else out.made = stripped.file.joined();
  TRY_ASSIGN(const wasm::BinarySummary after, check(out.made));
  for (const wasm::ImportItem& item : summary_.imports) {
    if (std::ranges::find(after.imports, item) == after.imports.end()) out.imports_dropped.push_back(item.name);
  }
  report(out);
  TRY_ASSIGN(const wasm::StripOutcome baseline, wasm::strip_sections(component_, request_.strip, limits_));
  if (out.made.size() >= baseline.file.size() && out.imports_dropped.empty()) {
    out.made = baseline.file.joined();
    out.kept_input = true;
  }
  return out;
}

Result<Optimized> ComponentOptimizer::run() {
  TRY(open());
  for (int round = 0; round < k_max_rounds; ++round) {
    TRY_ASSIGN(const bool changed, run_round());
    if (!changed) break;
  }
  live_ = wasm::find_live(tree_, edges(), {.keep_imports = request_.keep_imports}, limits_);
  return finish();
}

}  // namespace

Result<Optimized> optimize_component(const Context& context, ByteView component, const OptimizeRequest& request) {
  return ComponentOptimizer(context, component, request).run();
}

}  // namespace davit::cli
