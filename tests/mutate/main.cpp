// mutate [EVERY [NAME]]: judges every mutant, or one of EVERY, of every subject or of those whose name begins so, and prints what was
// counted. Fails when one was accepted that no class explains.
#include <cstdio>
#include <cstdlib>

#include "mutate/engine.hpp"

int main(int argc, char** argv) {
  const std::size_t every = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1;
  const davit::mutate::Tally tally = davit::mutate::run(every == 0 ? 1 : every, argc > 2 ? argv[2] : "");
  for (const auto& [name, count] : tally.by_subject) std::printf("%8zu  %s\n", count, name.c_str());
  std::printf("%8zu  mutants judged\n", tally.mutants);
  const auto reasons = davit::mutate::reasons();
  std::size_t accepted = 0;
  for (const auto& [name, count] : tally.accepted) {
    accepted += count;
    std::printf("%8zu  accepted, meaning unchanged: %s (%s)\n", count, name.c_str(), reasons.at(name).c_str());
  }
  std::printf("%8zu  refused\n", tally.mutants - accepted - tally.wrong.size());
  for (const std::string& line : tally.wrong) std::printf("wrong: %s\n", line.c_str());
  return tally.wrong.empty() && tally.mutants > 0 ? 0 : 1;
}
