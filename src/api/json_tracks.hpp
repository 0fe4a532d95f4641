#pragma once

#include <boost/json/array.hpp>

#include "media/track.hpp"

namespace sluice::api {

/// The `tracks` of a media_info object.
boost::json::array tracks_json(const media::Tracks& tracks);

}  // namespace sluice::api
