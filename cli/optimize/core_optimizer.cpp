#include "cli/optimize/core_optimizer.hpp"

#include <algorithm>

#include "cli/optimize/binaryen.hpp"
#include "cli/optimize/external.hpp"
#include "cli/version.hpp"
#include "manifests/encoding.hpp"
#include "wasm/rewrite/segment_places.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

template <typename Item>
bool contains(const std::vector<Item>& items, const Item& item) {
  return std::ranges::find(items, item) != items.end();
}

/// The promises that a result must keep. Errors: unsupported (it breaks one)
Result<void> check_result(ByteView result, const wasm::BinarySummary& before) {
  auto after = wasm::summarize(result, wasm::Limits{}, wasm::ReadDepth::code);
  const auto refuse = [](const std::string& what) {
    return fail(ErrorCode::unsupported, "Binaryen's result was not used: " + what)
        .hinting("use the module as it is; davit strip works on it");
  };
  if (!after) return refuse("it is not well-formed, " + after.error().message);
  std::vector<std::pair<std::string, std::string>> names;
  for (const wasm::ImportItem& item : before.imports) names.emplace_back(item.module, item.name);
  std::ranges::sort(names);
  for (const wasm::ImportItem& item : after->imports) {
    if (!std::ranges::binary_search(names, std::pair(item.module, item.name)))
      return refuse("it imports " + printable(item.module) + "." + printable(item.name) + ", which the input does not");
  }
  const auto sorted = [](std::vector<wasm::ExportItem> items) {
    std::ranges::sort(items, {}, &wasm::ExportItem::name);
    return items;
  };
  if (sorted(before.exports) != sorted(after->exports)) return refuse("its exports differ from the input's");
  for (const std::string& feature : wasm::features_of(after->constructs)) {
    const bool known =
        contains(before.features, feature) || (feature == "bulk-memory" && contains(before.features, std::string("bulk-memory-opt")));
    if (!known) return refuse("it uses " + feature + ", which the input does not");
  }
  return {};
}

/// Why the linked Binaryen should not see the module; nothing when it may.
std::optional<Error> reason_against_binaryen(ByteView module, const wasm::BinarySummary& summary) {
  const std::string binaryen = "Binaryen " + std::string(k_binaryen_version);
  if (const std::optional<wasm::Construct> beyond = first_beyond_linked_binaryen(summary)) {
    return fail_at(ErrorCode::unsupported,
                   "the module uses " + std::string(wasm::describe(*beyond)) + ", which " + binaryen + " does not handle",
                   summary.constructs.first_offset(*beyond));
  }
  if (const auto risky = wasm::find_risky_segment(module, wasm::Limits{})) {
    return fail_at(ErrorCode::unsupported, "the module has " + std::string(risky->what) + ", which " + binaryen + " does not handle",
                   risky->offset);
  }
  return std::nullopt;
}

Digest cache_key(ByteView module, const OptimizeRequest& request) {
  std::string text = cache_digest_of(module).text() + "\nlevel " + request.level + "\nbinaryen " + std::string(k_binaryen_version) +
                     "\ndavit " + std::string(k_version) + "\nstrip ";
  for (const bool flag : {request.strip.debug, request.strip.names, request.strip.producers, request.strip.all}) text += flag ? '1' : '0';
  for (const std::string& name : request.strip.keep) text += "\nkeep " + name;
  for (const std::string& name : request.strip.drop) text += "\ndrop " + name;
  return digest_of(text);
}

std::optional<OptimizeCache> open_cache(const Context& context, const OptimizeRequest& request) {
  if (!request.use_cache) return std::nullopt;
  if (const auto folder = context.environment("XDG_CACHE_HOME")) return OptimizeCache(*folder + "/davit/optimize");
  if (const auto home = context.environment("HOME")) return OptimizeCache(*home + "/.cache/davit/optimize");
  return std::nullopt;
}

Result<Bytes> run_checked(const Context& context, ByteView module, const OptimizeRequest& request, const wasm::BinarySummary& summary) {
  TRY_ASSIGN(Bytes result, run_binaryen(context, module, request, summary));
  TRY(check_result(result, summary));
  return result;
}

Result<Optimized> choose_smaller(Bytes result, ByteView module, const OptimizeRequest& request, std::string optimizer) {
  TRY_ASSIGN(const wasm::StripOutcome baseline, wasm::strip_sections(module, request.strip, wasm::Limits{}));
  Optimized out{.made = std::move(result), .optimizer = std::move(optimizer)};
  if (out.made.size() < baseline.file.size()) return out;
  out.made = baseline.file.joined();
  out.kept_input = true;
  return out;
}

/// The way out when the linked Binaryen does not handle a module: `reason` says why.
Result<Optimized> fall_back(const Context& context, ByteView module, const OptimizeRequest& request, const wasm::BinarySummary& summary,
                            Error reason) {
  const auto external = find_external_optimizer(context);
  std::string why_not = external ? "" : external.error().message;
  if (external) {
    auto result = run_external_optimizer(*external, module, request, summary);
    if (result) {
      if (auto checked = check_result(*result, summary); !checked) result = std::move(checked).error();
    }
    if (result) return choose_smaller(*std::move(result), module, request, external->name);
    const ErrorCode code = result.error().code;
    if (code != ErrorCode::unsupported) return std::move(result).error();
    why_not = external->name + " did not either: " + result.error().message;
  }
  context.explain(why_not);
  if (request.strict) {
    return std::move(reason).hinting("use the module as it is (davit strip works on it), or name a newer wasm-opt in DAVIT_WASM_OPT; " +
                                     why_not);
  }
  TRY_ASSIGN(const wasm::StripOutcome baseline, wasm::strip_sections(module, request.strip, wasm::Limits{}));
  return Optimized{.made = baseline.file.joined(), .kept_input = true, .optimized = false, .reason = std::move(reason.message)};
}

}  // namespace

Result<Optimized> optimize_core(const Context& context, ByteView module, const OptimizeRequest& request) {
  const std::string binaryen = "Binaryen " + std::string(k_binaryen_version);
  const std::optional<OptimizeCache> cache = open_cache(context, request);
  std::optional<Digest> key;
  if (cache) {
    key = cache_key(module, request);
    if (auto entry = cache->find(*key)) {
      const bool kept = entry->content().empty();  // no module is empty, so this marks "not smaller"
      if (!kept) return Optimized{.found = std::move(entry), .from_cache = true, .optimizer = binaryen};
      TRY_ASSIGN(const wasm::StripOutcome baseline, wasm::strip_sections(module, request.strip, wasm::Limits{}));
      return Optimized{.made = baseline.file.joined(), .kept_input = true, .from_cache = true, .optimizer = binaryen};
    }
  }
  TRY_ASSIGN(const wasm::BinarySummary summary, wasm::summarize(module, wasm::Limits{}, wasm::ReadDepth::code));
  TRY(take_apart(module, request.strip, true));  // an object file ends here
  if (auto reason = reason_against_binaryen(module, summary)) return fall_back(context, module, request, summary, *std::move(reason));
  auto result = run_checked(context, module, request, summary);
  if (!result) {
    if (result.error().code != ErrorCode::unsupported) return std::move(result).error();
    return fall_back(context, module, request, summary, std::move(result).error());
  }
  TRY_ASSIGN(Optimized out, choose_smaller(*std::move(result), module, request, binaryen));
  if (cache) {
    if (auto stored = cache->store(*key, out.kept_input ? ByteView{} : ByteView(out.made)); !stored)
      context.explain("the result was not cached: " + stored.error().message);
  }
  return out;
}

}  // namespace davit::cli
