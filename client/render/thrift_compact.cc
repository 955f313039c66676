#include "client/render/thrift_compact.h"

namespace probesweep::client {
namespace {

// Types of the compact protocol.
constexpr int kI32 = 5;
constexpr int kI64 = 6;
constexpr int kBinary = 8;
constexpr int kList = 9;
constexpr int kStruct = 12;

// Small negative numbers get small codes, too.
uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

}  // namespace

void AppendVarint(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void ThriftCompactWriter::Field(int id, int type) {
  const int delta = id - last_ids_.back();
  last_ids_.back() = id;
  if (delta >= 1 && delta <= 15) {
    bytes_.push_back(static_cast<char>(delta << 4 | type));
  } else {
    bytes_.push_back(static_cast<char>(type));
    AppendVarint(ZigZag(id), bytes_);
  }
}

void ThriftCompactWriter::ListHeader(size_t size, int element_type) {
  if (size < 15) {
    bytes_.push_back(static_cast<char>(size << 4 | static_cast<size_t>(element_type)));
  } else {
    bytes_.push_back(static_cast<char>(0xF0 | element_type));
    AppendVarint(size, bytes_);
  }
}

ThriftCompactWriter& ThriftCompactWriter::I32(int id, int32_t value) {
  Field(id, kI32);
  AppendVarint(ZigZag(value), bytes_);
  return *this;
}

ThriftCompactWriter& ThriftCompactWriter::I64(int id, int64_t value) {
  Field(id, kI64);
  AppendVarint(ZigZag(value), bytes_);
  return *this;
}

ThriftCompactWriter& ThriftCompactWriter::Text(int id, absl::string_view text) {
  Field(id, kBinary);
  AppendVarint(text.size(), bytes_);
  bytes_.append(text.data(), text.size());
  return *this;
}

ThriftCompactWriter& ThriftCompactWriter::TextList(int id, const std::vector<std::string>& texts) {
  Field(id, kList);
  ListHeader(texts.size(), kBinary);
  for (const std::string& text : texts) {
    AppendVarint(text.size(), bytes_);
    bytes_ += text;
  }
  return *this;
}

ThriftCompactWriter& ThriftCompactWriter::I32List(int id, const std::vector<int32_t>& values) {
  Field(id, kList);
  ListHeader(values.size(), kI32);
  for (const int32_t value : values) AppendVarint(ZigZag(value), bytes_);
  return *this;
}

ThriftCompactWriter& ThriftCompactWriter::StructList(int id, size_t size) {
  Field(id, kList);
  ListHeader(size, kStruct);
  return *this;
}

ThriftCompactWriter& ThriftCompactWriter::BeginElement() {
  last_ids_.push_back(0);
  return *this;
}

ThriftCompactWriter& ThriftCompactWriter::BeginStruct(int id) {
  Field(id, kStruct);
  return BeginElement();
}

ThriftCompactWriter& ThriftCompactWriter::End() {
  bytes_.push_back(0);
  last_ids_.pop_back();
  return *this;
}

}  // namespace probesweep::client
