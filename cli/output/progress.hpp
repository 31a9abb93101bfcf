// Progress of transfers on standard error: one line per blob, redrawn in place. Silent unless a person is watching.
#pragma once

#include <memory>
#include <string>

#include "cli/context.hpp"
#include "oci/copy.hpp"

namespace davit::cli {

class Progress {
 public:
  explicit Progress(const Context& context);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< leaves the lines as they are and the cursor below them
  /// Callbacks to hand to a transfer; valid while this lives.
  oci::TransferEvents events();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `1.5 MiB`, `310 B`
std::string human_size(std::uint64_t bytes);

}  // namespace davit::cli
