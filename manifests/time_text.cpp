#include "manifests/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::size_t k_max_fraction_digits = 9;
constexpr std::int64_t k_first_second = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t k_last_second = 253402300799;   // 9999-12-31T23:59:59Z

// Takes exactly `digits` decimal digits off the front.
std::optional<int> take_number(std::string_view& rest, std::size_t digits) {
  if (rest.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : rest.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  rest.remove_prefix(digits);
  return value;
}

bool take(std::string_view& rest, char upper, char lower) {
  if (rest.empty() || (rest.front() != upper && rest.front() != lower)) return false;
  rest.remove_prefix(1);
  return true;
}

bool take(std::string_view& rest, char c) { return take(rest, c, c); }

// `.123`, or nothing at all.
bool skip_fraction(std::string_view& rest) {
  if (!take(rest, '.')) return true;
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  rest.remove_prefix(digits);
  return digits >= 1 && digits <= k_max_fraction_digits;
}

// Seconds that the zone is ahead of UTC.
std::optional<int> take_offset(std::string_view& rest) {
  if (take(rest, 'Z', 'z')) return 0;
  const bool behind = !rest.empty() && rest.front() == '-';
  if (!take(rest, '+', '-')) return std::nullopt;
  const auto hours = take_number(rest, 2);
  if (!hours || !take(rest, ':')) return std::nullopt;
  const auto minutes = take_number(rest, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int seconds = *hours * 3600 + *minutes * 60;
  return behind ? -seconds : seconds;
}

std::optional<std::int64_t> take_date(std::string_view& rest) {
  const auto year = take_number(rest, 4);
  if (!year || *year < 1 || !take(rest, '-')) return std::nullopt;
  const auto month = take_number(rest, 2);
  if (!month || !take(rest, '-')) return std::nullopt;
  const auto day = take_number(rest, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86400};
}

std::optional<std::int64_t> take_clock(std::string_view& rest) {
  const auto hours = take_number(rest, 2);
  if (!hours || !take(rest, ':')) return std::nullopt;
  const auto minutes = take_number(rest, 2);
  if (!minutes || !take(rest, ':')) return std::nullopt;
  const auto seconds = take_number(rest, 2);
  if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 59) return std::nullopt;
  return *hours * std::int64_t{3600} + *minutes * std::int64_t{60} + *seconds;
}

std::optional<std::int64_t> read_time(std::string_view rest) {
  const auto date = take_date(rest);
  if (!date || !take(rest, 'T', 't')) return std::nullopt;
  const auto clock = take_clock(rest);
  if (!clock || !skip_fraction(rest)) return std::nullopt;
  const auto offset = take_offset(rest);
  if (!offset || !rest.empty()) return std::nullopt;
  return *date + *clock - *offset;
}

}  // namespace

Result<std::int64_t> parse_time(std::string_view text) {
  if (const auto seconds = read_time(text)) return *seconds;
  return fail(ErrorCode::malformed, "\"" + printable(text, 64) + "\" is not a time such as 2026-11-21T11:00:00Z");
}

std::string write_time(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds{std::clamp(seconds, k_first_second, k_last_second)}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string out(32, '\0');
  const int length =
      std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  CHECK(length == 20);
  out.resize(20);
  return out;
}

}  // namespace davit
