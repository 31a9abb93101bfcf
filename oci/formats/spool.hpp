// One temporary file without a name that takes the files of a package as they come by.
#pragma once

#include <memory>
#include <string>

#include "manifests/digest.hpp"
#include "oci/formats/package.hpp"
#include "oci/io/file.hpp"
#include "oci/io/stream.hpp"

namespace davit::oci {

/// A wasm file with the temporary file that holds it.
struct HeldWasm {
  PackagedWasm wasm;
  std::shared_ptr<OwnedFd> spool;  ///< shared with the package made of it
};

/// A file in the spool.
struct SpooledFile {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  Digest digest;
};

class Spool {
 public:
  /// Errors: io
  static Result<Spool> create();
  /// Takes all that `data` gives. Errors: io, and those of the source
  Result<SpooledFile> append(Source& data);
  /// The bytes again, as often as asked; keeps the temporary file alive.
  [[nodiscard]] std::unique_ptr<BlobOrigin> origin_of(const SpooledFile& file) const;
  /// Errors: limit (longer than `limit`), io
  [[nodiscard]] Result<std::string> text_of(const SpooledFile& file, std::uint64_t limit) const;
  /// A wasm file gets a temporary file of its own, which can be opened by a path.
  /// Errors: io
  [[nodiscard]] Result<HeldWasm> hold_wasm(const SpooledFile& file) const;

 private:
  explicit Spool(OwnedFd fd) : fd_(std::make_shared<OwnedFd>(std::move(fd))) {}
  std::shared_ptr<OwnedFd> fd_;  ///< owned by the spool and by every origin made of it
  std::uint64_t end_ = 0;
};

/// A bare wasm file from a stream into a package. Errors: malformed (it does not begin like wasm), io, and those of the
/// source; `name` says what it is in messages
Result<HeldWasm> take_wasm(Source& source, const std::string& name);

}  // namespace davit::oci
