#include "load/frame_ledger.hpp"

namespace sluice::load {

void FrameLedger::add(const Stamp& stamp) {
  if (!newest_ || newest_->run != stamp.run) {  // the first, or the publisher has begun anew
    newest_ = {.run = stamp.run, .frame = stamp.frame};
    return;
  }
  if (stamp.frame <= newest_->frame) {
    ++repeated_;
    return;
  }
  lost_ += stamp.frame - newest_->frame - 1;
  newest_->frame = stamp.frame;
}

}  // namespace sluice::load
