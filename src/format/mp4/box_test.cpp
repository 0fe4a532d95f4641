#include "format/mp4/box.hpp"

#include <gtest/gtest.h>

#include "format/mp4/fragment_boxes.hpp"
#include "format/mp4/init_boxes.hpp"

namespace sluice::mp4 {
namespace {

BytesView view(std::string_view text) { return as_bytes(text); }

TEST(ReadBox, KnowsTheThreeFormsOfSize) {
  const auto plain =
      read_box(view({"\0\0\0\x0a"
                     "freexxrest",
                     14}));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->type, fourcc("free"));
  EXPECT_EQ(as_text(plain->body), "xx");
  EXPECT_EQ(plain->size, 10u);

  const auto large = read_box(view({"\0\0\0\x01mdat\0\0\0\0\0\0\0\x12xxrest", 22}));  // 18 bytes: header of 16
  ASSERT_TRUE(large);
  EXPECT_EQ(as_text(large->body), "xx");
  EXPECT_EQ(large->size, 18u);

  const auto to_the_end = read_box(view({"\0\0\0\0mdatrest", 12}));
  ASSERT_TRUE(to_the_end);
  EXPECT_EQ(as_text(to_the_end->body), "rest");
  EXPECT_EQ(to_the_end->size, 12u);
}

TEST(ReadBox, RefusesSizesThatCannotBe) {
  EXPECT_EQ(read_box(view({"\0\0\0\x07"
                           "free",
                           8}))
                .error(),
            Errc::bad_box)
      << "smaller than its header";
  EXPECT_EQ(read_box(view({"\0\0\0\x01mdat\0\0\0\0\0\0\0\x0f", 16})).error(), Errc::bad_box);
  EXPECT_EQ(read_box(view({"\0\0\0\x09"
                           "free",
                           8}))
                .error(),
            Errc::truncated);
  EXPECT_EQ(read_box(view({"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff", 16})).error(), Errc::truncated);
  for (std::size_t n = 0; n < 8; ++n)
    EXPECT_EQ(read_box(view({"\0\0\0\x08"
                             "free",
                             n}))
                  .error(),
              Errc::truncated);
}

TEST(FindBox, TellsAnAbsentChildFromABrokenOne) {
  const auto children =
      view({"\0\0\0\x09"
            "free1\0\0\0\x09skip2",
            18});
  EXPECT_EQ(as_text(*find_box(children, fourcc("skip"))), "2");
  EXPECT_EQ(find_box(children, fourcc("moov")).error(), Errc::missing_box);
  EXPECT_EQ(find_box(children.first(17), fourcc("skip")).error(), Errc::bad_box);
  EXPECT_EQ(seek_box(children.first(17), 0, fourcc("skip"), Errc::missing_box).error(), Errc::truncated);
}

TEST(FindBox, FollowsAPath) {
  const auto tree =
      view({"\0\0\0\x11"
            "aaaa\0\0\0\x09"
            "bbbb!",
            17});
  constexpr std::array kPath{fourcc("aaaa"), fourcc("bbbb")};
  EXPECT_EQ(as_text(*find_box(tree, kPath)), "!");
  constexpr std::array kNoPath{fourcc("aaaa"), fourcc("cccc")};
  EXPECT_EQ(find_box(tree, kNoPath).error(), Errc::missing_box);
}

// Every box with fields: what is written is the size of the standard, reads back as it was, and no prefix of it reads.
template <class Box>
Bytes expect_symmetry(const Box& box, std::size_t size) {
  Bytes bytes;
  ByteWriter out(bytes);
  write_box(out, box);
  EXPECT_EQ(bytes.size(), size);
  const auto found = find_fields<Box>(bytes);
  EXPECT_TRUE(found);
  if (found) {
    Bytes again;
    ByteWriter out_again(again);
    write_box(out_again, *found);
    EXPECT_EQ(again, bytes);
  }
  for (std::size_t n = 8; n < bytes.size(); ++n) {
    EXPECT_FALSE(read_fields<Box>(BytesView(bytes).first(n).subspan(8)));
  }
  return bytes;
}

TEST(Boxes, AreReadAsTheyAreWritten) {
  expect_symmetry(MovieHeader{.timescale = 1, .next_track_id = 2}, 108);
  expect_symmetry(TrackHeader{.track_id = 3, .volume = 4, .width = 5, .height = 6}, 92);
  expect_symmetry(TrackHeader{.version = 1, .track_id = 3, .volume = 4, .width = 5, .height = 6}, 104);
  expect_symmetry(MediaHeader{.timescale = 7, .language = 8}, 32);
  expect_symmetry(MediaHeader{.version = 1, .timescale = 7, .language = 8}, 44);
  expect_symmetry(Handler{fourcc("vide")}, 33);
  expect_symmetry(DataEntryUrl{}, 12);
  expect_symmetry(VideoMediaHeader{}, 20);
  expect_symmetry(TrackExtends{1, 2, 3, 4, 5}, 32);
  expect_symmetry(PixelAspectRatio{64, 45}, 16);
  expect_symmetry(MovieFragmentHeader{9}, 16);
  expect_symmetry(TrackFragmentHeader{.flags = 0x02003b, .track_id = 1, .base_data_offset = 2, .default_flags = 3}, 40);
  expect_symmetry(TrackFragmentDecodeTime{.base_decode_time = std::uint64_t{1} << 40}, 20);
  expect_symmetry(TrackFragmentDecodeTime{.version = 0, .base_decode_time = 5}, 16);
  expect_symmetry(FragmentUtc{10, 11}, 20);
  expect_symmetry(TrackRun{.flags = 5, .sample_count = 1, .data_offset = -2, .first_flags = 3}, 24);
}

TEST(Boxes, KnowUnityMatrix) {
  Bytes bytes;
  ByteWriter out(bytes);
  write_box(out, MovieHeader{});
  ByteReader in(BytesView(bytes).subspan(8 + 36));
  for (const std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u})
    EXPECT_EQ(in.be32(), value);
}

}  // namespace
}  // namespace sluice::mp4
