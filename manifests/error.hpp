// The one error value of the whole program: what went wrong, where, and what to do next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace davit {

/// Closed list of failure classes. Each maps to one exit status in cli/exit_code.cpp.
enum class ErrorCode {
  internal,            ///< a bug of ours or an exception nobody expected
  usage,               ///< the command line cannot be understood
  io,                  ///< a local file, pipe or folder could not be read or written
  not_found,           ///< the named thing does not exist
  denied,              ///< credentials are missing or not sufficient
  network,             ///< no usable answer came back; trying again may help
  registry,            ///< the registry answered against the protocol
  malformed,           ///< input breaks the rules of its format
  limit,               ///< input or work is over a named limit
  mismatch,            ///< content does not have the digest or size that names it
  untrusted,           ///< a signature or identity was not accepted
  unsupported,         ///< valid, but davit or its helper cannot do this
  conflict,            ///< the target already holds something else
  capability_refused,  ///< the file needs or asks for more than is allowed
  unsigned_content     ///< the store was asked and holds no signature
};

/// One failure. `message` is one lower-case line without full stop that names the actual value.
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::internal;
  std::string message{};
  std::optional<std::uint64_t> offset{};  ///< bytes from the start of the input
  std::string place{};                    ///< the file, URL or JSON pointer it happened in; may be empty
  std::string hint{};                     ///< what the user can do next; may be empty
  std::vector<std::string> trail{};       ///< what was being done, innermost first

  /// Adds a step to the trail; used once per layer that knows more than the one below.
  Error&& during(std::string step) && {
    trail.push_back(std::move(step));
    return std::move(*this);
  }
  /// Sets the place unless a deeper layer already did.
  Error&& in(std::string where) && {
    if (place.empty()) place = std::move(where);
    return std::move(*this);
  }
  Error&& hinting(std::string next_step) && {
    if (hint.empty()) hint = std::move(next_step);
    return std::move(*this);
  }
};

/// Shortest way to write a failure: `return fail(ErrorCode::malformed, "…")`.
inline Error fail(ErrorCode code, std::string message) { return Error{.code = code, .message = std::move(message)}; }
inline Error fail_at(ErrorCode code, std::string message, std::uint64_t offset) {
  return Error{.code = code, .message = std::move(message), .offset = offset};
}

}  // namespace davit
