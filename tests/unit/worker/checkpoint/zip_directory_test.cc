#include "worker/checkpoint/zip_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

template <typename T>
std::string Number(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}
std::string U16(int value) { return Number(static_cast<uint16_t>(value)); }
std::string U32(uint64_t value) { return Number(static_cast<uint32_t>(value)); }
std::string U64(uint64_t value) { return Number(value); }

// An archive with every number open to change. As written it is good.
struct Entry {
  std::string name = "a/data.pkl";
  std::string local_name = name;
  std::string data = "data";
  uint64_t size = data.size(), local_size = size, stored_size = size;
  int method = 0, local_method = 0, flags = 0, local_flags = 0;
  int64_t offset = -1;  // −1: where it is
  std::string extra;
};

struct Archive {
  std::vector<Entry> entries = {Entry()};
  int64_t count = -1, directory_begin = -1, directory_size = -1;  // −1: as they are
  bool zip64 = false;
  int disk = 0;
  std::string comment;

  std::string Bytes() const {
    std::string bytes, directory;
    for (const Entry& e : entries) {
      const uint64_t offset = e.offset >= 0 ? static_cast<uint64_t>(e.offset) : bytes.size();
      const int name = static_cast<int>(e.name.size()), local_name = static_cast<int>(e.local_name.size());
      absl::StrAppend(&bytes, "PK\x03\x04", U16(20), U16(e.local_flags), U16(e.local_method), U32(0), U32(0));
      absl::StrAppend(&bytes, U32(e.local_size), U32(e.local_size), U16(local_name), U16(0), e.local_name,
                      e.data);
      absl::StrAppend(&directory, "PK\x01\x02", U16(20), U16(20), U16(e.flags), U16(e.method), U32(0));
      absl::StrAppend(&directory, U32(0), U32(e.stored_size), U32(e.size), U16(name));
      absl::StrAppend(&directory, U16(static_cast<int>(e.extra.size())), U16(0), U16(0), U16(0), U32(0));
      absl::StrAppend(&directory, U32(offset), e.name, e.extra);
    }
    const uint64_t begin = directory_begin >= 0 ? static_cast<uint64_t>(directory_begin) : bytes.size();
    const uint64_t size = directory_size >= 0 ? static_cast<uint64_t>(directory_size) : directory.size();
    const uint64_t all = count >= 0 ? static_cast<uint64_t>(count) : entries.size();
    bytes += directory;
    if (zip64) {
      const uint64_t record = bytes.size();
      absl::StrAppend(&bytes, "PK\x06\x06", U64(44), U16(45), U16(45), U32(0), U32(0), U64(all), U64(all));
      absl::StrAppend(&bytes, U64(size), U64(begin), "PK\x06\x07", U32(0), U64(record), U32(1));
    }
    const int few = zip64 ? 0xFFFF : static_cast<int>(all);
    absl::StrAppend(&bytes, "PK\x05\x06", U16(disk), U16(0), U16(few), U16(few));
    absl::StrAppend(&bytes, U32(zip64 ? 0xFFFFFFFF : size), U32(zip64 ? 0xFFFFFFFF : begin));
    return absl::StrCat(bytes, U16(static_cast<int>(comment.size())), comment);
  }
};

absl::StatusOr<std::vector<ZipEntry>> Read(const std::string& bytes) {
  return ReadZipDirectory(*MemoryBytes("w.bin", bytes));
}

TEST(ZipDirectoryTest, FindsEntriesInTheOrderOfTheFile) {
  Archive archive;
  archive.comment = "PK\x05\x06, or something like it";
  Entry second;
  second.name = second.local_name = "a/data/0";
  archive.entries.push_back(second);
  for (const bool zip64 : {false, true}) {
    archive.zip64 = zip64;
    const std::string bytes = archive.Bytes();
    ASSERT_OK_AND_ASSIGN(const auto entries, Read(bytes));
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[1].name, "a/data/0");
    EXPECT_EQ(bytes.substr(entries[1].data_begin, entries[1].size), "data");
  }
}

TEST(ZipDirectoryTest, ReadsSizesThatNeed64Bits) {
  Archive archive;
  archive.entries[0].size = archive.entries[0].stored_size = archive.entries[0].local_size = 0xFFFFFFFF;
  archive.entries[0].extra = absl::StrCat(U16(7), U16(1), "x", U16(1), U16(16), U64(4), U64(4));
  ASSERT_OK_AND_ASSIGN(const auto entries, Read(archive.Bytes()));
  EXPECT_EQ(entries[0].size, 4u);
  archive.entries[0].extra = absl::StrCat(U16(1), U16(8), U64(4));
  EXPECT_STATUS(Read(archive.Bytes()), kDataLoss, "lacks its zip64 sizes");
}

TEST(ZipDirectoryTest, ReadsWhatTorchWrites) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes,
                       ReadFile(testing::GoldenFolder("formats/torch/state.zip.bin")));
  ASSERT_OK_AND_ASSIGN(const auto entries, Read(bytes));
  EXPECT_EQ(entries[0].name, "state.zip/data.pkl");
  for (const ZipEntry& entry : entries) {
    if (entry.name == "state.zip/byteorder") {
      EXPECT_EQ(bytes.substr(entry.data_begin, entry.size), "little");
    }
  }
}

TEST(ZipDirectoryTest, RefusesWhatIsWrong) {
  struct Case {
    const char* reason;
    std::function<void(Archive&)> damage;
  };
  const std::vector<Case> cases = {
      {"described in two ways", [](Archive& a) { a.entries[0].local_name = "a/data.pkm"; }},
      {"described in two ways", [](Archive& a) { a.entries[0].local_name = "a/data.pkl2"; }},
      {"described in two ways", [](Archive& a) { a.entries[0].local_size = 3; }},
      {"described in two ways", [](Archive& a) { a.entries[0].local_method = 8; }},
      {"has two sizes", [](Archive& a) { a.entries[0].size = 3; }},
      {"outside the file",
       [](Archive& a) { a.entries[0].size = a.entries[0].stored_size = a.entries[0].local_size = 90; }},
      {"outside the file", [](Archive& a) { a.entries[0].offset = 1 << 20; }},
      {"overlaps",
       [](Archive& a) {
         a.entries.push_back(a.entries[0]);
         a.entries[1].offset = 0;
       }},
      {"is there twice", [](Archive& a) { a.entries.push_back(a.entries[0]); }},
      {"less than it says", [](Archive& a) { a.count = 2; }},
      {"more than it says", [](Archive& a) { a.count = 0; }},
      {"outside the file", [](Archive& a) { a.directory_begin = 1 << 20; }},
      {"outside the file", [](Archive& a) { a.directory_size = 1 << 20; }},
      {"directory is damaged", [](Archive& a) { a.directory_begin = 0; }},
      {"directory is damaged", [](Archive& a) { a.directory_size = 20; }},
  };
  for (const Case& c : cases) {
    for (const bool zip64 : {false, true}) {
      Archive archive;
      archive.zip64 = zip64;
      c.damage(archive);
      EXPECT_STATUS(Read(archive.Bytes()), kDataLoss, "w.bin", c.reason) << zip64;
    }
  }
}

TEST(ZipDirectoryTest, RefusesManyEntriesBeforeItReadsThem) {
  Archive archive;
  archive.zip64 = true;
  archive.count = int64_t{1} << 40;
  EXPECT_STATUS(Read(archive.Bytes()), kDataLoss, "w.bin", "entries");
}

TEST(ZipDirectoryTest, SaysWhatIsNotRead) {
  Archive encrypted, bzip2, disks;
  encrypted.entries[0].flags = encrypted.entries[0].local_flags = 1;
  bzip2.entries[0].method = bzip2.entries[0].local_method = 12;
  disks.disk = 1;
  EXPECT_STATUS(Read(encrypted.Bytes()), kUnimplemented, "w.bin", "encrypted");
  EXPECT_STATUS(Read(bzip2.Bytes()), kUnimplemented, "w.bin", "method 12");
  EXPECT_STATUS(Read(disks.Bytes()), kUnimplemented, "w.bin", "several disks");
}

TEST(ZipDirectoryTest, RefusesAFileThatIsCutShort) {
  const std::string bytes = Archive().Bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_STATUS(Read(bytes.substr(0, size)), kDataLoss, "w.bin", "truncated") << size;
  }
}

}  // namespace
}  // namespace probesweep::worker
