// The patterns of a capability manifest: their grammar, and when one stands for everything another does.
#pragma once

#include <string_view>

namespace davit {

enum class PatternKind { path, environment, network, http, host };

/// Whether the text is a pattern of this kind.
bool is_pattern(PatternKind kind, std::string_view text);

/// Whether everything that `inner` stands for is in `outer`. Both must be patterns of the kind.
bool covers(PatternKind kind, std::string_view outer, std::string_view inner);

}  // namespace davit
