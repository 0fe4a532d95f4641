#pragma once

#include "api/field.hpp"
#include "config/row_info.hpp"

namespace sluice::api {

/// A directive of the config as a field of what the API shows.
FieldInfo field_of(const config::RowInfo& row);

}  // namespace sluice::api
