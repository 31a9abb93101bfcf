// A sink that keeps what it is given.
#pragma once

#include <string>

#include "oci/io/stream.hpp"

namespace davit::oci {

class MemorySink : public Sink {
 public:
  Result<void> write(ByteView data) override {
    bytes.insert(bytes.end(), data.begin(), data.end());
    return {};
  }
  Result<void> finish() override {
    finished = true;
    return {};
  }
  [[nodiscard]] std::string text() const { return std::string(as_text(bytes)); }
  Bytes bytes{};
  bool finished = false;
};

}  // namespace davit::oci
