#pragma once

#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>

#include "api/field.hpp"
#include "core/slices.hpp"
#include "core/task.hpp"
#include "net/http.hpp"

namespace sluice::api {

/// Whether who asks wants measurements for Prometheus: `Accept: application/openmetrics-text`, whatever else it takes,
/// or
/// `?format=openmetrics`.
bool wants_open_metrics(const net::HttpRequest& request);

/// The answer that consists of `text`, which ends with "# EOF".
net::HttpResponse open_metrics_answer(std::string_view text);

/// `name="value"` for the labels of a sample, escaped.
std::string open_metrics_label(std::string_view name, std::string_view value);

/// OpenMetrics text (version 1.0.0) in the making: families, each with its samples behind it.
class OpenMetrics {
 public:
  /// Begins a family. REQUIRES: `info` has a metric.
  void family(const FieldInfo& info);
  /// A sample of the family begun last; nothing where `value` is no number and no truth value.
  void sample(std::string_view labels, const boost::json::value& value);
  /// Ends it.
  std::string take();

 private:
  std::string text_;
  std::string name_;  // of the samples of this family
  double scale_ = 1;
};

/// Adds a family for each row that has a metric, with a sample for each of `items`. `labels` are those of the items, in
/// their order. Goes in slices: many items stop nobody.
template <class T>
Task<void> add_open_metrics(OpenMetrics& out, const Fields<T>& fields, std::span<const T> items,
                            std::span<const std::string> labels) {
  Slices slices;
  for (const Field<T>& row : fields.rows()) {
    if (!row.info.metric || items.empty()) continue;
    out.family(row.info);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (slices.due()) co_await slices.next();
      out.sample(labels[i], row.get(items[i]));
    }
  }
}

}  // namespace sluice::api
