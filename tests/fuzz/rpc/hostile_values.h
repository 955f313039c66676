// Makes messages that nobody should send, by reflection and from a seed.
#ifndef PROBESWEEP_TESTS_FUZZ_RPC_HOSTILE_VALUES_H_
#define PROBESWEEP_TESTS_FUZZ_RPC_HOSTILE_VALUES_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace probesweep::fuzz {

// By a field's name, texts that mean something to the coordinator there: ids, digests, names, paths.
using KnownTexts = std::map<std::string, std::vector<std::string>>;

// The same seed and the same texts make the same messages.
class HostileValues {
 public:
  HostileValues(uint64_t seed, const KnownTexts* known) : random_(seed), known_(known) {}

  // Sets about two fields in three of an empty message, and of those in it.
  void Fill(google::protobuf::Message& message) { Fill(message, 0); }
  // Changes, clears, repeats, reorders `count` fields anywhere in the message.
  void Mutate(google::protobuf::Message& message, int count);
  // The same once, for the field at `place` modulo their number: who counts it up comes to each of them.
  void MutateAt(google::protobuf::Message& message, uint64_t place);
  // Flips bits, cuts, inserts, repeats, replaces.
  void Damage(std::string& bytes);
  // Leaves out, repeats, reorders, cuts parts of a stream.
  void Shuffle(std::vector<std::string>& messages);
  std::string RandomBytes();

  // 0 … bound - 1.
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  using Field = google::protobuf::FieldDescriptor;

  void Fill(google::protobuf::Message& message, int depth);
  void SetOne(google::protobuf::Message& message, const Field& field, int depth);
  void AddOne(google::protobuf::Message& message, const Field& field, int depth);
  // One element of a list once more: names and rows that are there twice.
  void RepeatOne(google::protobuf::Message& message);
  void Repeat(google::protobuf::Message& message, const Field& field);
  void MutateField(google::protobuf::Message& message, const Field& field);
  struct Place {
    google::protobuf::Message* message;
    const Field* field;
  };
  // The fields of the message and of those in it, whether they are set or not.
  void Collect(google::protobuf::Message& message, std::vector<Place>& places);

  size_t Length();
  std::string Text(const std::string& field);
  std::string KnownText(const std::string& field);
  std::string Bytes();
  int64_t Integer();
  double Real();
  int Enum(const Field& field);
  template <typename T>
  const T& Pick(const std::vector<T>& values) {
    return values[Below(values.size())];
  }

  std::mt19937_64 random_;
  const KnownTexts* const known_;
};

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_RPC_HOSTILE_VALUES_H_
