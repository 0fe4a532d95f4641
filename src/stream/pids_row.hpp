#pragma once

#include "config/row.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// `mpegts_pids pmt=4095 v1=211 a0=220;`
config::Row<StreamConfig> mpegts_pids_row();

}  // namespace sluice::stream
