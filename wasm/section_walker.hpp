// The frame of a wasm file: an eight-byte preamble, then sections of one id byte, a u32 size and a payload.
//
//   module     00 61 73 6d  01 00 00 00     WebAssembly core 3.0 §5.5; known sections in a fixed order, once each
//   component  00 61 73 6d  0d 00 01 00     component-model Binary.md; any order, any number of times
//
// Section 0 is custom in both: a UTF-8 name, then bytes of which the frame knows nothing.
#pragma once

#include <optional>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

enum class Kind { module, component };

inline constexpr std::size_t k_preamble_bytes = 8;

/// One section as ranges of the input. It views the input and must not outlive it.
struct SectionView {
  std::uint8_t id = 0;
  std::string_view name{};           ///< of a custom section; else the id's name
  std::uint64_t offset = 0;          ///< of the id byte, from the start of the outermost file
  std::uint64_t payload_offset = 0;  ///< after the size
  ByteView whole{};                  ///< id byte to the end
  ByteView payload{};                ///< after the size; for custom sections it begins with the name
  ByteView content{};                ///< for custom sections the bytes after the name, else the payload
  [[nodiscard]] bool is_custom() const { return id == 0; }
};

/// Reads the preamble.
/// Errors: malformed (too short, wrong magic), unsupported (a version that davit does not know)
Result<Kind> detect_kind(ByteView input);

/// `type`, `import`, …; empty when the id is unknown.
std::string_view section_name(Kind kind, std::uint8_t id);

/// Hands out the sections of one module or component in file order, without looking into known ones.
class SectionWalker {
 public:
  /// @param base  absolute offset of the first byte of `input`
  /// Errors: as detect_kind; limit (input larger than limits.file_bytes)
  static Result<SectionWalker> open(ByteView input, const Limits& limits, std::uint64_t base = 0);

  [[nodiscard]] Kind kind() const { return kind_; }
  /// The next section, or nothing at the end.
  /// Errors: malformed (unknown id, size past the end, order, repeated section, bad custom name), limit
  Result<std::optional<SectionView>> next();

 private:
  SectionWalker(ByteView input, const Limits& limits, std::uint64_t base, Kind kind)
      : input_(input), limits_(limits), base_(base), kind_(kind) {}
  [[nodiscard]] Result<void> check_order(std::uint8_t id, std::uint64_t offset);

  ByteView input_;
  Limits limits_;
  std::uint64_t base_;
  Kind kind_;
  std::size_t position_ = k_preamble_bytes;
  std::uint32_t seen_ = 0;
  int last_rank_ = 0;
};

}  // namespace davit::wasm
