#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::config {

/// `word` in quotes for a message, shortened where it is long.
std::string shown(std::string_view word);

/// The one of `known` that somebody who wrote `word` most likely meant; empty where none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// "; did you mean 'known'?" for the end of a message, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace sluice::config
