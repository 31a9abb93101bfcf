// The size profile as one self-contained page: a treemap that zooms, and the same as a table. It loads nothing.
#pragma once

#include <string>

#include "wasm/size/profile.hpp"

namespace davit::cli {

/// @param name  what the page is about, its title
std::string size_page(const wasm::SizeProfile& profile, const std::string& name);

}  // namespace davit::cli
