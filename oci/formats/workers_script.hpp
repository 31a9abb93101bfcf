// The JavaScript of a Workers folder.
#pragma once

#include <string_view>

namespace davit::oci {

/// `src/index.js`: from a request to the module and back.
std::string_view workers_index();
/// `src/wasi.js`: WASI preview 1 with nothing outside but that request.
std::string_view workers_wasi();

}  // namespace davit::oci
