// Removes custom sections from a module or component, nested ones included; every other byte stays as it was. The
// result is a list of ranges of the input, so that nothing large is copied before it is written.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

/// Bytes of a rewritten file in order: ranges of the input (which must outlive it) and new section headers.
class EditedFileView {
 public:
  void append_view(ByteView range);
  void append_owned(Bytes bytes);
  void append(EditedFileView&& other);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Calls `write` with every range in order until it fails.
  Result<void> for_each(const std::function<Result<void>(ByteView)>& write) const;
  [[nodiscard]] Bytes joined() const;

 private:
  struct Piece {
    ByteView view{};
    Bytes owned{};  ///< used when not empty
  };
  std::vector<Piece> pieces_{};
  std::uint64_t size_ = 0;
};

/// Which custom sections go.
struct StripSelection {
  bool debug = false;               ///< `.debug_*`, `sourceMappingURL`, `external_debug_info`
  bool names = false;               ///< `name`, `component-name`
  bool producers = false;           ///< `producers`
  bool all = false;                 ///< every custom section that no runtime, linker or reader of metadata needs
  std::vector<std::string> keep{};  ///< names that stay whatever else is said; a `*` at the end matches any rest
  std::vector<std::string> drop{};  ///< names that go even if a class would keep them
};

/// Whether a custom section goes.
bool is_selected(const StripSelection& selection, std::string_view name);

/// Name with an optional `*` at its end.
bool matches_name(std::string_view pattern, std::string_view name);

struct StripOutcome {
  EditedFileView file;
  std::vector<std::string> removed{};  ///< names in file order, nested ones included
};

/// Errors: malformed, limit, unsupported (an object file, whose relocations count sections)
Result<StripOutcome> strip_sections(ByteView file, const StripSelection& selection, const Limits& limits);

}  // namespace davit::wasm
