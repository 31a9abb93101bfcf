// From facts to findings and a verdict. Pure: the same facts give the same advice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/advise/facts.hpp"
#include "manifests/json.hpp"

namespace davit::cli::advise {

/// What a finding means for a move to WebAssembly.
enum class Weight {
  favours,  ///< makes it easier, or what would be gained
  neutral,
  work,    ///< something has to be changed first
  against  ///< WASI has no answer
};

struct Finding {
  std::string_view topic;  ///< language, system, state, network, content, size
  Weight weight;
  std::string statement;
  std::vector<Evidence> evidence{};
};

enum class Verdict { good_candidate, needs_work, keep_as_container };

struct Advice {
  Verdict verdict = Verdict::good_candidate;
  std::string summary{};  ///< the verdict as a sentence, with the reasons
  std::vector<Finding> findings{};
};

Advice advise(const ImageFacts& facts);

/// What no look into an image can show; the same for every image, and shorter for a Dockerfile's lack of one.
std::vector<std::string> blind_spots(const ImageFacts& facts);

std::string_view to_text(Weight weight);
std::string_view to_text(Verdict verdict);

Json advice_json(const ImageFacts& facts, const Advice& advice);
std::string advice_text(const ImageFacts& facts, const Advice& advice);
/// One page that needs nothing else: no scripts, no requests; everything from the image is escaped.
std::string advice_page(const ImageFacts& facts, const Advice& advice);

}  // namespace davit::cli::advise
