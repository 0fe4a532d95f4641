#include "api/open_metrics.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "core/bytes.hpp"

namespace sluice::api {
namespace {

constexpr net::AnswerKind kOpenMetrics{.content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
                                       .cache_control = "no-cache"};

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    out += c == '\n' ? std::string_view("\\n") : std::string_view(&c, 1);
  }
}

}  // namespace

bool wants_open_metrics(const net::HttpRequest& request) {
  return request.accept.find("application/openmetrics-text") != std::string_view::npos ||
         request.query_value("format") == "openmetrics";
}

net::HttpResponse open_metrics_answer(std::string_view text) {
  net::HttpResponse response{.kind = kOpenMetrics};
  response.body = Body::of(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
  return response;
}

std::string open_metrics_label(std::string_view name, std::string_view value) {
  std::string out(name);
  out += "=\"";
  append_escaped(out, value, true);
  out += '"';
  return out;
}

void OpenMetrics::family(const FieldInfo& info) {
  const Metric& metric = *info.metric;
  const bool counts = metric.kind == Metric::Kind::counter;
  // Dashboards have asked for some counters without the suffix since long before OpenMetrics wanted it.
  const bool bare = counts && metric.bare;
  text_ += "# TYPE " + metric.name + (!counts ? " gauge\n" : bare ? " unknown\n" : " counter\n");
  text_ += "# HELP " + metric.name + ' ';
  append_escaped(text_, info.doc, true);
  text_ += '\n';
  name_ = metric.name + (counts && !bare ? "_total" : "");
  scale_ = metric.scale;
}

void OpenMetrics::sample(std::string_view labels, const boost::json::value& value) {
  if (!value.is_number() && !value.is_bool()) return;
  text_ += name_;
  if (!labels.empty()) {
    text_ += '{';
    text_ += labels;
    text_ += '}';
  }
  const auto end = std::back_inserter(text_);
  if (value.is_bool()) {
    text_ += value.get_bool() ? " 1" : " 0";
  } else if (scale_ == 1 && value.is_int64()) {
    fmt::format_to(end, " {}", value.get_int64());
  } else if (scale_ == 1 && value.is_uint64()) {
    fmt::format_to(end, " {}", value.get_uint64());
  } else {
    fmt::format_to(end, " {:.15g}", value.to_number<double>() * scale_);
  }
  text_ += '\n';
}

std::string OpenMetrics::take() {
  text_ += "# EOF\n";
  return std::exchange(text_, {});
}

}  // namespace sluice::api
