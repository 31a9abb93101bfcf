// The changes themselves: what becomes of a text, of JSON in it, of base64 in that, of DER in that.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace davit::mutate {

/// Called with the changed text, the place and the kind of change.
using Sink = std::function<void(std::string text, const std::string& place, const char* how)>;

/// Every change of one part, at every depth.
void mutate_text(std::string_view text, const Sink& sink);

}  // namespace davit::mutate
