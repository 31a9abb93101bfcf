#include "wasm/signature_section.hpp"

#include <algorithm>

#include "wasm/append.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/section_walker.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint64_t k_max_hashed_bytes = std::uint64_t{8} << 30;
constexpr std::string_view k_domain("wasmsig\x01\x01\x01", 10);

// What stands where in a file that is, or is to be, signed.
struct Layout {
  std::optional<ByteView> signature{};  ///< content of the signature section
  bool is_first = true;                 ///< the signature section is, or there is none
  std::size_t signature_sections = 0;
  std::size_t body_offset = k_preamble_bytes;  ///< where the hash begins
  std::vector<std::size_t> part_ends{};        ///< the last is the end of the file
  bool has_unsigned_tail = false;              ///< something follows the last delimiter
  bool has_known_section = false;
};

Result<Layout> read_layout(ByteView file) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(file, Limits{}));
  Layout layout;
  std::size_t sections = 0;
  for (;;) {
    TRY_ASSIGN(const auto section, walker.next());
    if (!section) break;
    const auto end = static_cast<std::size_t>(section->offset) + section->whole.size();
    if (section->is_custom() && section->name == k_signature_section) {
      if (layout.signature_sections++ == 0) {
        layout.signature = section->content;
        layout.is_first = sections == 0;
        layout.body_offset = end;
        layout.part_ends.clear();
      }
    } else if (section->is_custom() && section->name == k_signature_delimiter) {
      layout.part_ends.push_back(end);
    }
    layout.has_known_section = layout.has_known_section || !section->is_custom();
    ++sections;
  }
  if (layout.part_ends.empty() || layout.part_ends.back() != file.size()) {
    layout.has_unsigned_tail = !layout.part_ends.empty();
    layout.part_ends.push_back(file.size());
  }
  if (layout.part_ends.size() > k_max_signed_parts) {
    return fail(ErrorCode::limit, "the file has " + std::to_string(layout.part_ends.size()) + " parts, over the limit of " +
                                      std::to_string(k_max_signed_parts));
  }
  return layout;
}

// The preamble is not covered by any hash: one kind must not pass for the other.
Result<void> require_kind(ByteView file, const Layout& layout) {
  if (!layout.has_known_section) {
    return fail(ErrorCode::malformed, "the file has only custom sections, so that no signature could tell a module from a component");
  }
  auto summary = summarize(file, Limits{});
  if (!summary) return std::move(summary).error().during("checking that the file is what its first bytes say");
  return {};
}

Result<void> require_alone(const Layout& layout) {
  if (layout.signature_sections > 1) {
    return fail(ErrorCode::malformed, "the file has " + std::to_string(layout.signature_sections) + " signature sections, expected one");
  }
  if (!layout.is_first) return fail(ErrorCode::malformed, "the signature section is not the first of the file");
  return {};
}

// Every part is hashed from the start, so the work grows with the parts; it has a bound.
Result<std::vector<Digest>> hash_parts(ByteView file, const Layout& layout) {
  std::uint64_t work = 0;
  for (const std::size_t end : layout.part_ends) work += end - layout.body_offset;
  if (work > k_max_hashed_bytes) {
    return fail(ErrorCode::limit, std::to_string(layout.part_ends.size()) + " parts of a file of " + std::to_string(file.size()) +
                                      " bytes are too much to hash");
  }
  std::vector<Digest> hashes;
  for (const std::size_t end : layout.part_ends) {
    hashes.push_back(digest_of(file.subspan(layout.body_offset, end - layout.body_offset)));
  }
  return hashes;
}

Bytes make_message(const std::vector<Digest>& hashes) {
  Bytes message = to_bytes(k_domain);
  for (const Digest& hash : hashes) append_bytes(message, hash.raw());
  return message;
}

struct Coverage {
  std::string defect{};
  std::vector<std::string> warnings{};
};

// Whether the hashes of a set speak about the whole file, and about nothing that is not there.
Coverage judge_coverage(const std::vector<Digest>& signed_hashes, const std::vector<Digest>& actual, const Layout& layout, bool lenient) {
  const std::size_t common = std::min(signed_hashes.size(), actual.size());
  const bool same_start = std::equal(signed_hashes.begin(), signed_hashes.begin() + static_cast<std::ptrdiff_t>(common), actual.begin());
  if (!same_start) return {.defect = "its hashes are of something else"};
  if (signed_hashes.size() == actual.size()) return {};
  const bool cut = signed_hashes.size() > actual.size();
  const std::string what =
      cut ? "the file is cut: " + std::to_string(signed_hashes.size()) + " parts were signed and " + std::to_string(actual.size()) +
                " are there"
          : "only " + std::to_string(signed_hashes.size()) + " of " + std::to_string(actual.size()) + " parts are signed, " +
                std::to_string(layout.part_ends.back() - layout.part_ends[signed_hashes.size() - 1]) + " bytes at the end are not";
  if (!lenient) return {.defect = what};
  return {.warnings = {what}};
}

}  // namespace

Result<std::vector<ModuleSignature>> read_module_signatures(ByteView file, const SignatureReading& reading) {
  TRY_ASSIGN(const Layout layout, read_layout(file));
  std::vector<std::string> warnings;
  if (const auto alone = require_alone(layout); !alone) {
    if (!reading.lenient) return Error(alone.error());
    warnings.push_back(alone.error().message);
  }
  TRY(require_kind(file, layout));
  const std::optional<ByteView> data = reading.detached ? reading.detached : layout.signature;
  if (!data) return fail(ErrorCode::unsigned_content, "the file has no signature section");
  auto sets = parse_signature_data(*data);
  if (!sets) return std::move(sets).error().during("reading the wasm signatures");
  TRY_ASSIGN(const std::vector<Digest> actual, hash_parts(file, layout));
  std::vector<ModuleSignature> out;
  for (const SignatureSet& set : *sets) {
    const Coverage coverage = judge_coverage(set.hashes, actual, layout, reading.lenient);
    for (const SignatureRecord& record : set.records) {
      ModuleSignature signature{
          .record = record, .message = make_message(set.hashes), .defect = coverage.defect, .warnings = coverage.warnings};
      signature.warnings.insert(signature.warnings.end(), warnings.begin(), warnings.end());
      out.push_back(std::move(signature));
    }
  }
  if (out.empty()) return fail(ErrorCode::unsigned_content, "the signature section holds no signature");
  return out;
}

Result<SignableModuleView> open_signable_module(ByteView file, const std::optional<ByteView>& detached) {
  TRY_ASSIGN(const Layout layout, read_layout(file));
  TRY(require_alone(layout));
  TRY(require_kind(file, layout));
  SignableModuleView module{.preamble = file.first(k_preamble_bytes), .sections = file.subspan(layout.body_offset)};
  TRY_ASSIGN(module.hashes, hash_parts(file, layout));
  module.message = make_message(module.hashes);
  const std::optional<ByteView> existing = detached ? detached : layout.signature;
  if (existing && !existing->empty()) {
    auto sets = parse_signature_data(*existing);
    if (!sets) return std::move(sets).error().during("reading the signatures that are there");
    module.sets = *std::move(sets);
  }
  return module;
}

bool add_signature(SignableModuleView& module, Bytes signature) {
  Bytes raw;
  append_leb(raw, 0);  // no key id: readers then try the key that they were given
  raw.push_back(std::byte{k_wasm_signature_ed25519});
  append_leb(raw, signature.size());
  append_bytes(raw, signature);
  auto set = std::ranges::find(module.sets, module.hashes, &SignatureSet::hashes);
  if (set == module.sets.end()) set = module.sets.insert(set, SignatureSet{.hashes = module.hashes});
  const bool known = std::ranges::any_of(
      set->records, [&](const SignatureRecord& record) { return record.defect.empty() && record.signature == signature; });
  if (known) return false;
  set->records.push_back({.algorithm = k_wasm_signature_ed25519, .signature = std::move(signature), .raw = std::move(raw)});
  return true;
}

Bytes write_signed_module(const SignableModuleView& module) {
  Bytes out = to_bytes(module.preamble);
  append_bytes(out, make_custom_section(k_signature_section, write_signature_data(module.sets)));
  append_bytes(out, module.sections);
  return out;
}

}  // namespace davit::wasm
