#include "worker/checkpoint/zip_directory.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "worker/checkpoint/little_endian.h"

// APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central), 4.3.14 to 4.3.16 (ends), 4.5.3 (zip64).
namespace probesweep::worker {
namespace {

constexpr absl::string_view kLocal("PK\x03\x04", 4);
constexpr absl::string_view kCentral("PK\x01\x02", 4);
constexpr absl::string_view kEnd("PK\x05\x06", 4);
constexpr absl::string_view kEnd64("PK\x06\x06", 4);
constexpr absl::string_view kLocator64("PK\x06\x07", 4);
constexpr uint64_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20;
constexpr uint64_t kMaxComment = 65535;
constexpr uint16_t kEncrypted = 1, kSizesFollow = 8;
constexpr uint32_t kIn64 = 0xFFFFFFFF;
// A storage for each tensor, and the few entries beside them.
constexpr uint64_t kMaxEntries = kMaxTensors + 1024;

uint16_t U16(absl::string_view bytes, size_t at) { return LittleEndian<uint16_t>(bytes, at); }
uint32_t U32(absl::string_view bytes, size_t at) { return LittleEndian<uint32_t>(bytes, at); }
uint64_t U64(absl::string_view bytes, size_t at) { return LittleEndian<uint64_t>(bytes, at); }

struct CentralDirectory {
  uint64_t entries = 0, begin = 0, size = 0;
  uint64_t limit = 0;  // where the records after it begin
};

struct CentralEntry {
  ZipEntry entry;
  uint16_t flags = 0;
  uint64_t local_header = 0;
};

class ZipReader {
 public:
  explicit ZipReader(const ByteSource& source) : source_(source) {}

  absl::StatusOr<std::vector<ZipEntry>> Read() {
    PS_ASSIGN_OR_RETURN(const CentralDirectory directory, FindDirectory());
    PS_ASSIGN_OR_RETURN(std::vector<CentralEntry> central, ReadCentral(directory));
    std::sort(central.begin(), central.end(),
              [](const CentralEntry& a, const CentralEntry& b) { return a.local_header < b.local_header; });
    std::vector<ZipEntry> entries;
    entries.reserve(central.size());
    uint64_t free = 0;
    for (CentralEntry& entry : central) {
      if (entry.local_header < free) return Corrupt(absl::StrCat(Shown(entry), " overlaps another entry"));
      PS_ASSIGN_OR_RETURN(free, CheckLocal(entry, directory.begin));
      entries.push_back(std::move(entry.entry));
    }
    PS_RETURN_IF_ERROR(CheckNames(entries));
    return entries;
  }

 private:
  // A part of fixed size.
  template <size_t size>
  struct Record {
    std::array<char, size> bytes = {};
    absl::string_view view() const { return absl::string_view(bytes.data(), size); }
  };
  template <size_t size>
  absl::StatusOr<Record<size>> ReadRecord(uint64_t at) const {
    Record<size> record;
    PS_RETURN_IF_ERROR(source_.Read(at, absl::MakeSpan(record.bytes)));
    return record;
  }

  absl::Status Corrupt(absl::string_view reason) const {
    return absl::DataLossError(absl::StrCat(source_.name(), " is not a valid zip archive: ", reason));
  }
  absl::Status Unsupported(absl::string_view what) const {
    return absl::UnimplementedError(absl::StrCat(source_.name(), ": ", what, ", which is not read"));
  }
  static std::string Shown(const CentralEntry& entry) {
    return absl::StrCat("entry ", QuotedTensorName(entry.entry.name));
  }

  absl::StatusOr<CentralDirectory> FindDirectory() {
    const uint64_t tail_size = std::min(source_.size(), kEndSize + kMaxComment);
    const uint64_t tail_begin = source_.size() - tail_size;
    PS_ASSIGN_OR_RETURN(const std::string tail, ReadRange(source_, tail_begin, tail_size));
    for (uint64_t at = tail_size < kEndSize ? 0 : tail_size - kEndSize + 1; at-- > 0;) {
      const absl::string_view end = absl::string_view(tail).substr(at);
      if (!absl::StartsWith(end, kEnd) || U16(end, 20) != end.size() - kEndSize) continue;
      CentralDirectory directory{U16(end, 10), U32(end, 16), U32(end, 12), tail_begin + at};
      if (U16(end, 4) != 0 || U16(end, 6) != 0) return Unsupported("a zip archive on several disks");
      PS_RETURN_IF_ERROR(ReadEnd64(&directory));
      if (directory.begin > directory.limit || directory.size > directory.limit - directory.begin) {
        return Corrupt("its directory lies outside the file");
      }
      if (directory.entries > kMaxEntries)
        return Corrupt(absl::StrCat("more than ", kMaxEntries, " entries"));
      return directory;
    }
    return Corrupt("it has no end record; it is truncated");
  }

  // Takes the numbers of the zip64 record before the end record, where there is one.
  absl::Status ReadEnd64(CentralDirectory* directory) {
    if (directory->limit < kLocatorSize) return absl::OkStatus();
    const uint64_t last = directory->limit - kLocatorSize;
    PS_ASSIGN_OR_RETURN(const auto locator_bytes, ReadRecord<kLocatorSize>(last));
    const absl::string_view locator = locator_bytes.view();
    if (!absl::StartsWith(locator, kLocator64)) return absl::OkStatus();
    const uint64_t at = U64(locator, 8);
    if (U32(locator, 4) != 0 || U32(locator, 16) > 1) return Unsupported("a zip archive on several disks");
    if (at > last || last - at < kEnd64Size) return Corrupt("its zip64 record lies outside the file");
    PS_ASSIGN_OR_RETURN(const auto end_bytes, ReadRecord<kEnd64Size>(at));
    const absl::string_view end = end_bytes.view();
    if (!absl::StartsWith(end, kEnd64)) return Corrupt("its zip64 record is damaged");
    *directory = {U64(end, 32), U64(end, 48), U64(end, 40), at};
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<CentralEntry>> ReadCentral(const CentralDirectory& directory) {
    PS_ASSIGN_OR_RETURN(const std::string bytes, ReadRange(source_, directory.begin, directory.size));
    std::vector<CentralEntry> entries;
    absl::string_view rest = bytes;
    while (!rest.empty()) {
      if (entries.size() == directory.entries) return Corrupt("its directory holds more than it says");
      PS_ASSIGN_OR_RETURN(entries.emplace_back(), ReadCentralEntry(&rest));
    }
    if (entries.size() != directory.entries) return Corrupt("its directory holds less than it says");
    return entries;
  }

  absl::StatusOr<CentralEntry> ReadCentralEntry(absl::string_view* rest) {
    if (rest->size() < kCentralSize || !absl::StartsWith(*rest, kCentral)) {
      return Corrupt("its directory is damaged");
    }
    const absl::string_view fixed = *rest;
    const uint64_t name_size = U16(fixed, 28), extra_size = U16(fixed, 30), comment_size = U16(fixed, 32);
    if (fixed.size() - kCentralSize < name_size + extra_size + comment_size) {
      return Corrupt("its directory is damaged");
    }
    CentralEntry found;
    ZipEntry& entry = found.entry;
    entry.name = std::string(fixed.substr(kCentralSize, name_size));
    found.flags = U16(fixed, 8);
    const uint16_t method = U16(fixed, 10);
    if ((found.flags & kEncrypted) != 0) return Unsupported(absl::StrCat(Shown(found), " is encrypted"));
    if (method != 0 && method != 8) {
      return Unsupported(absl::StrCat(Shown(found), " is compressed by method ", method, ", not deflate"));
    }
    entry.deflated = method == 8;
    entry.crc32 = U32(fixed, 16);
    entry.stored_size = U32(fixed, 20);
    entry.size = U32(fixed, 24);
    found.local_header = U32(fixed, 42);
    const absl::string_view extra = fixed.substr(kCentralSize + name_size, extra_size);
    PS_RETURN_IF_ERROR(ReadExtra64(extra, &found));
    if (!entry.deflated && entry.size != entry.stored_size) {
      return Corrupt(absl::StrCat(Shown(found), " has two sizes"));
    }
    rest->remove_prefix(kCentralSize + name_size + extra_size + comment_size);
    return found;
  }

  // The numbers that did not fit into 32 bits, in this order, each only where it did not.
  absl::Status ReadExtra64(absl::string_view extra, CentralEntry* found) {
    std::vector<uint64_t*> wanted;
    for (uint64_t* number : {&found->entry.size, &found->entry.stored_size, &found->local_header}) {
      if (*number == kIn64) wanted.push_back(number);
    }
    if (wanted.empty()) return absl::OkStatus();
    while (extra.size() >= 4) {
      const uint16_t id = U16(extra, 0), size = U16(extra, 2);
      extra.remove_prefix(4);
      if (size > extra.size()) break;
      if (id == 1 && size >= 8 * wanted.size()) {
        for (size_t i = 0; i < wanted.size(); ++i) *wanted[i] = U64(extra, 8 * i);
        return absl::OkStatus();
      }
      extra.remove_prefix(size);
    }
    return Corrupt(absl::StrCat(Shown(*found), " lacks its zip64 sizes"));
  }

  // Finds where the entry's bytes are, by its local header, and returns where they end.
  absl::StatusOr<uint64_t> CheckLocal(CentralEntry& found, uint64_t limit) {
    ZipEntry& entry = found.entry;
    const auto outside = [&] { return Corrupt(absl::StrCat(Shown(found), " lies outside the file")); };
    const uint64_t needed = kLocalSize + entry.name.size();
    if (found.local_header > limit || limit - found.local_header < needed) return outside();
    PS_ASSIGN_OR_RETURN(const auto local_bytes, ReadRecord<kLocalSize>(found.local_header));
    const absl::string_view local = local_bytes.view();
    PS_ASSIGN_OR_RETURN(const std::string name,
                        ReadRange(source_, found.local_header + kLocalSize, entry.name.size()));
    const bool sizes_follow = (U16(local, 6) & kSizesFollow) != 0;
    const auto agrees = [&](uint32_t there, uint64_t here) {
      return there == here || there == kIn64 || (sizes_follow && there == 0);
    };
    if (!absl::StartsWith(local, kLocal) || U16(local, 8) != (entry.deflated ? 8 : 0) ||
        U16(local, 26) != entry.name.size() || name != entry.name ||
        !agrees(U32(local, 18), entry.stored_size) || !agrees(U32(local, 22), entry.size)) {
      return Corrupt(absl::StrCat(Shown(found), " is described in two ways"));
    }
    entry.data_begin = found.local_header + needed + U16(local, 28);
    if (entry.data_begin > limit || entry.stored_size > limit - entry.data_begin) return outside();
    return entry.data_begin + entry.stored_size;
  }

  absl::Status CheckNames(const std::vector<ZipEntry>& entries) const {
    std::vector<absl::string_view> names;
    names.reserve(entries.size());
    for (const ZipEntry& entry : entries) names.push_back(entry.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice == names.end()) return absl::OkStatus();
    return Corrupt(absl::StrCat("entry ", QuotedTensorName(*twice), " is there twice"));
  }

  const ByteSource& source_;
};

}  // namespace

bool LooksLikeZip(absl::string_view first_bytes) { return absl::StartsWith(first_bytes, kLocal); }

absl::StatusOr<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source) {
  return ZipReader(source).Read();
}

}  // namespace probesweep::worker
