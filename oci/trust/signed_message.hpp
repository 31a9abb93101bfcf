// The bytes a signature is over, in every shape that an algorithm may want them: most sign a digest, and which one
// depends on the key; Ed25519 in its pure form signs the bytes themselves.
#pragma once

#include <array>
#include <optional>

#include "manifests/bytes.hpp"
#include "manifests/digest.hpp"

namespace davit::oci {

using Sha384 = std::array<std::byte, 48>;
using Sha512 = std::array<std::byte, 64>;

/// A view: `bytes` must outlive it. A caller that knows only a digest (an artifact named by it) leaves the rest empty,
/// and what needs the rest then does not verify.
struct SignedMessageView {
  Digest sha256;
  std::optional<Sha384> sha384{};
  std::optional<Sha512> sha512{};
  std::optional<ByteView> bytes{};
};

/// All shapes of bytes that are in memory. Of large files only `sha256` and `bytes` should be filled in: the longer digests
/// are then computed when a key wants them.
SignedMessageView message_of(ByteView bytes);

/// The digest that is there, else of the bytes; nothing when there are none.
std::optional<Sha384> sha384_of(const SignedMessageView& message);
std::optional<Sha512> sha512_of(const SignedMessageView& message);

}  // namespace davit::oci
