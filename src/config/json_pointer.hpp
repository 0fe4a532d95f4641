#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::config {

/// The way into a JSON document, as a JSON Pointer (RFC 6901): "/streams/0/inputs/1/url". Follows a reader up and down.
class JsonPointer {
 public:
  /// One step further as long as it lives.
  class Step {
   public:
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { text_.resize(length_); }

   private:
    friend class JsonPointer;
    Step(std::string& text, std::size_t length) : text_(text), length_(length) {}

    // borrowed (outlives this)
    std::string& text_;
    // state
    std::size_t length_;
  };

  /// To the member at `path`, with dots between names: "listeners.http".
  [[nodiscard]] Step enter(std::string_view path);
  /// To an element of an array.
  [[nodiscard]] Step enter(std::size_t index);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// The steps of a pointer, "/streams/0/url" as ["streams", 0, "url"].
boost::json::array steps_of(std::string_view pointer);

/// The member of `object` at `path`, with dots between names; null where it is not there, or what should hold it is no
/// object.
const boost::json::value* find_member(const boost::json::object& object, std::string_view path);

/// Sets the member of `object` at `path`, and makes the objects that should hold it.
void set_member(boost::json::object& object, std::string_view path, boost::json::value value);

/// Merges `patch` into `target` as RFC 7396 has it: null takes a member away, objects are merged, everything else,
/// arrays too, is replaced whole. A `$reset: true` in an object begins with an empty one.
void merge(boost::json::object& target, const boost::json::object& patch);

}  // namespace sluice::config
