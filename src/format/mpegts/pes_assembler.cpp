#include "format/mpegts/pes_assembler.hpp"

#include "format/mpegts/errc.hpp"

namespace sluice::mpegts {

void PesAssembler::lost() {
  corrupt_ = true;
  if (open_ && header_.size == 0) drop();
}

void PesAssembler::append(BytesView payload) {
  if (buffer_.size() + payload.size() > kMaxSize) return drop();
  buffer_.insert(buffer_.end(), payload.begin(), payload.end());
  if (header_.size != 0) return;
  const auto header = PesHeader::parse(buffer_);
  if (header && !header->scrambled) {
    header_ = *header;
  } else if (header || header.error() != Errc::truncated) {
    drop();
  }
}

void PesAssembler::drop() {
  ++dropped_;
  close();
}

void PesAssembler::close() {
  open_ = false;
  header_ = {};
  buffer_.clear();
}

}  // namespace sluice::mpegts
