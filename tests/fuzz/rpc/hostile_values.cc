#include "tests/fuzz/rpc/hostile_values.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "tests/fuzz/rpc/odd_texts.h"

namespace probesweep::fuzz {
namespace {

using google::protobuf::Message;
using google::protobuf::Reflection;

// Deeper than any message of ours is nested.
constexpr int kMaxDepth = 6;

}  // namespace

size_t HostileValues::Length() {
  if (OneIn(200)) return 300 + Below(3000);
  return OneIn(10) ? 4 + Below(20) : Below(4);
}

std::string HostileValues::KnownText(const std::string& field) {
  const auto found = known_->find(field);
  if (found != known_->end() && !found->second.empty() && !OneIn(8)) return Pick(found->second);
  // A text that belongs elsewhere.
  const auto other = std::next(known_->begin(), static_cast<std::ptrdiff_t>(Below(known_->size())));
  return other->second.empty() ? "" : Pick(other->second);
}

std::string HostileValues::Text(const std::string& field) {
  if (field == "pattern" && !OneIn(4)) return OneIn(2) ? KnownText(field) : Pick(OddPatterns());
  if (!known_->empty() && OneIn(2)) {
    std::string text = KnownText(field);
    if (OneIn(30)) Damage(text);
    return text;
  }
  if (OneIn(400)) return std::string(size_t{1} << (12 + Below(10)), static_cast<char>('a' + Below(26)));
  if (OneIn(80)) return OneIn(2) ? RandomBytes() : Pick(BrokenTexts());
  return Pick(OddTexts());
}

std::string HostileValues::Bytes() {
  if (OneIn(60)) return std::string((size_t{1} << 20) + Below(2), 'x');  // at most 1 MiB is allowed
  return OneIn(4) ? "" : RandomBytes();
}

std::string HostileValues::RandomBytes() {
  std::string bytes(OneIn(50) ? Below(20000) : Below(64), '\0');
  for (char& byte : bytes) byte = static_cast<char>(Below(256));
  return bytes;
}

int64_t HostileValues::Integer() {
  static const auto& odd = *new std::vector<int64_t>{0,
                                                     1,
                                                     -1,
                                                     2,
                                                     3,
                                                     100,
                                                     1000,
                                                     10001,
                                                     std::numeric_limits<int32_t>::max(),
                                                     std::numeric_limits<int32_t>::min(),
                                                     int64_t{1} << 32,
                                                     int64_t{1} << 53,
                                                     315576000000,
                                                     -315576000001,
                                                     999999999,
                                                     1000000000,
                                                     std::numeric_limits<int64_t>::max(),
                                                     std::numeric_limits<int64_t>::min()};
  return OneIn(8) ? static_cast<int64_t>(random_()) : Pick(odd);
}

double HostileValues::Real() {
  using Limits = std::numeric_limits<double>;
  if (OneIn(3)) return OneIn(2) ? Limits::quiet_NaN() : Limits::infinity();
  static const auto& odd = *new std::vector<double>{0,
                                                    -0.0,
                                                    1,
                                                    -1,
                                                    0.5,
                                                    1.0000001,
                                                    1e-9,
                                                    1e6,
                                                    1e7,
                                                    1e308,
                                                    -1e308,
                                                    Limits::denorm_min(),
                                                    Limits::min(),
                                                    Limits::max(),
                                                    Limits::infinity(),
                                                    -Limits::infinity(),
                                                    Limits::quiet_NaN(),
                                                    -Limits::quiet_NaN()};
  return Pick(odd);
}

int HostileValues::Enum(const Field& field) {
  switch (Below(4)) {
    case 0:
      return static_cast<int>(Integer());
    case 1:
      return field.enum_type()->value_count();
    default:
      return field.enum_type()
          ->value(static_cast<int>(Below(static_cast<uint64_t>(field.enum_type()->value_count()))))
          ->number();
  }
}

void HostileValues::SetOne(Message& message, const Field& field, int depth) {
  const Reflection& set = *message.GetReflection();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_INT32:
      return set.SetInt32(&message, &field, static_cast<int32_t>(Integer()));
    case Field::CPPTYPE_INT64:
      return set.SetInt64(&message, &field, Integer());
    case Field::CPPTYPE_UINT32:
      return set.SetUInt32(&message, &field, static_cast<uint32_t>(Integer()));
    case Field::CPPTYPE_UINT64:
      return set.SetUInt64(&message, &field, static_cast<uint64_t>(Integer()));
    case Field::CPPTYPE_DOUBLE:
      return set.SetDouble(&message, &field, Real());
    case Field::CPPTYPE_FLOAT:
      return set.SetFloat(&message, &field, static_cast<float>(Real()));
    case Field::CPPTYPE_BOOL:
      return set.SetBool(&message, &field, OneIn(2));
    case Field::CPPTYPE_ENUM:
      return set.SetEnumValue(&message, &field, Enum(field));
    case Field::CPPTYPE_STRING:
      return set.SetString(&message, &field,
                           field.type() == Field::TYPE_BYTES ? Bytes() : Text(field.name()));
    case Field::CPPTYPE_MESSAGE:
      return Fill(*set.MutableMessage(&message, &field), depth + 1);
  }
}

void HostileValues::AddOne(Message& message, const Field& field, int depth) {
  const Reflection& add = *message.GetReflection();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_INT32:
      return add.AddInt32(&message, &field, static_cast<int32_t>(Integer()));
    case Field::CPPTYPE_INT64:
      return add.AddInt64(&message, &field, Integer());
    case Field::CPPTYPE_UINT32:
      return add.AddUInt32(&message, &field, static_cast<uint32_t>(Integer()));
    case Field::CPPTYPE_UINT64:
      return add.AddUInt64(&message, &field, static_cast<uint64_t>(Integer()));
    case Field::CPPTYPE_DOUBLE:
      return add.AddDouble(&message, &field, Real());
    case Field::CPPTYPE_FLOAT:
      return add.AddFloat(&message, &field, static_cast<float>(Real()));
    case Field::CPPTYPE_BOOL:
      return add.AddBool(&message, &field, OneIn(2));
    case Field::CPPTYPE_ENUM:
      return add.AddEnumValue(&message, &field, Enum(field));
    case Field::CPPTYPE_STRING:
      return add.AddString(&message, &field,
                           field.type() == Field::TYPE_BYTES ? Bytes() : Text(field.name()));
    case Field::CPPTYPE_MESSAGE:
      return Fill(*add.AddMessage(&message, &field), depth + 1);
  }
}

void HostileValues::Fill(Message& message, int depth) {
  if (depth > kMaxDepth) return;
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const Field& field = *type->field(i);
    if (OneIn(3)) continue;
    if (!field.is_repeated()) {
      SetOne(message, field, depth);
      continue;
    }
    // Long lists of long lists would be gigabytes.
    const size_t length = depth > 1 ? std::min<size_t>(Length(), 4) : Length();
    for (size_t n = 0; n < length; ++n) AddOne(message, field, depth);
  }
}

void HostileValues::Collect(Message& message, std::vector<Place>& places) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const Field* field = message.GetDescriptor()->field(i);
    places.push_back({&message, field});
    if (field->cpp_type() != Field::CPPTYPE_MESSAGE) continue;
    for (int n = 0; field->is_repeated() && n < reflection.FieldSize(message, field); ++n) {
      Collect(*reflection.MutableRepeatedMessage(&message, field, n), places);
    }
    if (!field->is_repeated() && reflection.HasField(message, field)) {
      Collect(*reflection.MutableMessage(&message, field), places);
    }
  }
}

void HostileValues::MutateField(Message& message, const Field& field) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (OneIn(5)) return reflection.ClearField(&message, &field);
    return SetOne(message, field, 1);
  }
  const int size = reflection.FieldSize(message, &field);
  if (size == 0 || OneIn(3)) {
    for (size_t n = 1 + Length(); n > 0; --n) AddOne(message, field, 1);
    return;
  }
  const int some = static_cast<int>(Below(static_cast<uint64_t>(size)));
  switch (Below(3)) {
    case 0:
      return reflection.SwapElements(&message, &field, some, size - 1);
    case 1:
      return reflection.RemoveLast(&message, &field);
    default:
      return Repeat(message, field);
  }
}

void HostileValues::Mutate(Message& message, int count) {
  for (int i = 0; i < count; ++i) OneIn(3) ? RepeatOne(message) : MutateAt(message, Below(1'000));
}

void HostileValues::RepeatOne(Message& message) {
  std::vector<Place> places;
  Collect(message, places);
  places.erase(std::remove_if(places.begin(), places.end(),
                              [](const Place& place) {
                                return !place.field->is_repeated() ||
                                       place.message->GetReflection()->FieldSize(*place.message,
                                                                                 place.field) == 0;
                              }),
               places.end());
  if (places.empty()) return;
  const Place& chosen = Pick(places);
  Repeat(*chosen.message, *chosen.field);
}

void HostileValues::Repeat(Message& message, const Field& field) {
  const Reflection& reflection = *message.GetReflection();
  const int some = static_cast<int>(Below(static_cast<uint64_t>(reflection.FieldSize(message, &field))));
  if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
    auto* copy = reflection.AddMessage(&message, &field);
    copy->CopyFrom(reflection.GetRepeatedMessage(message, &field, some));
  } else if (field.cpp_type() == Field::CPPTYPE_STRING) {
    reflection.AddString(&message, &field, reflection.GetRepeatedString(message, &field, some));
  }
}

void HostileValues::MutateAt(Message& message, uint64_t place) {
  std::vector<Place> places;
  Collect(message, places);
  if (places.empty()) return;
  const Place& chosen = places[place % places.size()];
  MutateField(*chosen.message, *chosen.field);
}

void HostileValues::Damage(std::string& bytes) {
  for (uint64_t left = 1 + Below(3); left > 0; --left) {
    const size_t at = bytes.empty() ? 0 : Below(bytes.size());
    switch (Below(6)) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8)));
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        bytes.insert(at, RandomBytes());
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, 1 + Below(40)));
        break;
      case 4:
        if (!bytes.empty()) bytes[at] = static_cast<char>(Below(256));
        break;
      default:
        // A length or a number of the largest kind.
        bytes.insert(at, std::string(9, '\xff') + '\x01');
    }
  }
}

void HostileValues::Shuffle(std::vector<std::string>& messages) {
  for (uint64_t left = Below(3); left > 0; --left) {
    if (messages.empty()) return messages.push_back(RandomBytes());
    const size_t at = Below(messages.size());
    switch (Below(4)) {
      case 0:
        std::swap(messages[at], messages.back());
        break;
      case 1:
        messages.push_back(messages[at]);
        break;
      case 2:
        messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      default:
        messages.resize(at);
    }
  }
}

}  // namespace probesweep::fuzz
