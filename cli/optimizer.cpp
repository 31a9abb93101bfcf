#include "cli/optimizer.hpp"

#include "cli/optimize/component_optimizer.hpp"
#include "cli/optimize/core_optimizer.hpp"
#include "wasm/section_walker.hpp"

namespace davit::cli {

Result<Optimized> optimize_file(const Context& context, ByteView file, const OptimizeRequest& request) {
  TRY_ASSIGN(const wasm::Kind kind, wasm::detect_kind(file));
  switch (kind) {
    case wasm::Kind::module: return optimize_core(context, file, request);
    case wasm::Kind::component: return optimize_component(context, file, request);
  }
  return fail(ErrorCode::internal, "unknown kind of file");
}

}  // namespace davit::cli
