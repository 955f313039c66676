#include "worker/checkpoint/pickle_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

constexpr uint64_t kMemory = 1 << 20;

// The bytes of a literal, zeros included.
template <size_t size>
std::string Raw(const char (&bytes)[size]) {
  return std::string(bytes, size - 1);
}

absl::StatusOr<Pickle> Read(const std::string& bytes, uint64_t memory = kMemory) {
  return ReadPickle(bytes, memory, "w.bin");
}

// Python's repr, more or less.
std::string Show(const Pickle& pickle, PickleValue value) {
  std::vector<std::string> parts;
  switch (value.kind()) {
    case PickleKind::kNone:
      return "None";
    case PickleKind::kBool:
      return value.integer() != 0 ? "True" : "False";
    case PickleKind::kInt:
      return absl::StrCat(value.integer());
    case PickleKind::kFloat:
      return "float";
    case PickleKind::kLong:
      return absl::StrCat("long:", pickle.Text(value).size());
    case PickleKind::kString:
      return absl::StrCat("'", pickle.Text(value), "'");
    case PickleKind::kBytes:
      return absl::StrCat("b'", pickle.Text(value), "'");
    case PickleKind::kTuple:
    case PickleKind::kList:
    case PickleKind::kSet: {
      std::string shown = value.is(PickleKind::kTuple) ? "(" : value.is(PickleKind::kList) ? "[" : "{";
      for (const PickleValue element : pickle.Elements(value))
        absl::StrAppend(&shown, Show(pickle, element), ",");
      return absl::StrCat(shown, value.is(PickleKind::kTuple)  ? ")"
                                 : value.is(PickleKind::kList) ? "]"
                                                               : "}");
    }
    case PickleKind::kDict: {
      std::string shown = "{";
      for (const auto& [key, item] : pickle.Items(value)) {
        absl::StrAppend(&shown, Show(pickle, key), ":", Show(pickle, item), ",");
      }
      return absl::StrCat(shown, "}");
    }
    case PickleKind::kGlobal:
      return absl::StrCat(pickle.GlobalOf(value).module, ".", pickle.GlobalOf(value).name);
    case PickleKind::kCall:
      return absl::StrCat(Show(pickle, pickle.Call(value).first), Show(pickle, pickle.Call(value).second));
    case PickleKind::kPersistentId:
      return absl::StrCat("<", Show(pickle, pickle.PersistentId(value)), ">");
  }
  return "?";
}

struct Case {
  const char* intent;
  std::string bytes;
  std::string shown;
};

TEST(PickleReaderTest, ReadsEveryOpcodeAsPythonDoes) {
  const std::vector<Case> cases = {
      {"small numbers", Raw("\x80\x02K\x07."), "7"},
      {"two bytes", Raw("\x80\x02M\x01\x02."), "513"},
      {"four bytes", Raw("\x80\x02J\xff\xff\xff\xff."), "-1"},
      {"a long of three bytes", Raw("\x80\x02\x8a\x03\x00\x00\x80."), "-8388608"},
      {"a positive long", Raw("\x80\x02\x8a\x05\x00\x00\x00\x80\x00."), "2147483648"},
      {"a long of none", Raw("\x80\x02\x8a\x00."), "0"},
      {"a long of eight", Raw("\x80\x02\x8b\x08\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\x7f."),
       "9223372036854775807"},
      {"a long beyond", Raw("\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01."), "long:9"},
      {"Python 2's large number", Raw("\x80\x02I5000000000\n."), "5000000000"},
      {"Python 2's truth", Raw("\x80\x02I01\n."), "True"},
      {"constants", Raw("\x80\x02N\x88\x89\x87."), "(None,True,False,)"},
      {"a float", Raw("\x80\x02G\x3f\xf0\x00\x00\x00\x00\x00\x00."), "float"},
      {"texts",
       Raw("\x80\x04X\x01\x00\x00\x00"
           "a"
           "\x8c\x01"
           "b"
           "\x8d\x01\x00\x00\x00\x00\x00\x00\x00"
           "c"
           "\x87."),
       "('a','b','c',)"},
      {"Python 2's texts",
       Raw("\x80\x02U\x01"
           "a"
           "T\x01\x00\x00\x00"
           "b"
           "\x86."),
       "('a','b',)"},
      {"bytes",
       Raw("\x80\x05"
           "C\x01"
           "a"
           "B\x01\x00\x00\x00"
           "b"
           "\x8e\x01\x00\x00\x00\x00\x00\x00\x00"
           "c"
           "\x87."),
       "(b'a',b'b',b'c',)"},
      {"a byte array",
       Raw("\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00"
           "x."),
       "b'x'"},
      {"a marked tuple", Raw("\x80\x02()K\x01\x85K\x02K\x03\x86t."), "((),(1,),(2,3,),)"},
      {"a list",
       Raw("\x80\x02]K\x01"
           "a(K\x02K\x03"
           "e."),
       "[1,2,3,]"},
      {"a marked list", Raw("\x80\x02(K\x01K\x02l."), "[1,2,]"},
      {"a dict", Raw("\x80\x02}K\x01K\x02s(K\x03K\x04K\x05K\x06u."), "{1:2,3:4,5:6,}"},
      {"a marked dict",
       Raw("\x80\x02(K\x01K\x02"
           "d."),
       "{1:2,}"},
      {"sets", Raw("\x80\x04\x8f(K\x01\x90(K\x02\x91\x86."), "({1,},{2,},)"},
      {"the memo", Raw("\x80\x02(K\x07q\x00K\x08r\x01\x00\x00\x00h\x00j\x01\x00\x00\x00t."), "(7,8,7,8,)"},
      {"a memo used", Raw("\x80\x04K\x07\x94h\x00\x86."), "(7,7,)"},
      {"a memo with Python 2's gap", Raw("\x80\x02K\x07q\x01h\x01\x86."), "(7,7,)"},
      {"dropped values",
       Raw("\x80\x02K\x01K\x02"
           "0(K\x03K\x04"
           "12\x86."),
       "(1,1,)"},
      {"a dropped mark", Raw("\x80\x02K\x01(0."), "1"},
      {"a frame", Raw("\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00K\x01."), "1"},
      {"a global",
       Raw("\x80\x02"
           "ctorch\nFloatStorage\n."),
       "torch.FloatStorage"},
      {"a global of texts",
       Raw("\x80\x04\x8c\x05torch\x8c\x0c"
           "FloatStorage\x93."),
       "torch.FloatStorage"},
      {"a call",
       Raw("\x80\x02"
           "ctorch\nSize\nK\x02\x85\x85R."),
       "torch.Size((2,),)"},
      {"an object",
       Raw("\x80\x02"
           "ctorch\nSize\n)\x81."),
       "torch.Size()"},
      {"a persistent id", Raw("\x80\x02K\x05Q."), "<5>"},
      {"attributes", Raw("\x80\x02K\x05}b."), "5"},
      {"an ordered dict",
       Raw("\x80\x02"
           "ccollections\nOrderedDict\n)RK\x01K\x02s."),
       "{1:2,}"},
      {"Python 2's ordered dict",
       Raw("\x80\x02"
           "ccollections\nOrderedDict\n](]K\x01"
           "aK\x02"
           "a]K\x03"
           "aK\x04"
           "ae\x85R."),
       "{1:2,3:4,}"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.intent);
    const auto pickle = Read(c.bytes);
    ASSERT_OK(pickle);
    EXPECT_EQ(Show(*pickle, pickle->root()), c.shown);
    EXPECT_EQ(pickle->size(), c.bytes.size());
  }
}

TEST(PickleReaderTest, StopsWhereThePickleDoes) {
  const std::string bytes = Raw("\x80\x02K\x07.\x80\x02K\x08.");
  ASSERT_OK_AND_ASSIGN(const Pickle pickle, Read(bytes));
  EXPECT_EQ(pickle.size(), 5u);
  EXPECT_EQ(pickle.root().integer(), 7);
}

TEST(PickleReaderTest, SaysWhenTheBytesEndBeforeThePickle) {
  const std::string bytes =
      Raw("\x80\x02"
          "ctorch\nFloatStorage\nX\x02\x00\x00\x00"
          "ab\x86.");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_STATUS(Read(bytes.substr(0, size)), kOutOfRange, "w.bin", "truncated") << size;
  }
  EXPECT_STATUS(Read(Raw("\x80\x05\x8e\xff\xff\xff\xff\xff\xff\xff\xff"
                         "a.")),
                kOutOfRange, "truncated");
}

TEST(PickleReaderTest, RefusesByNameWhatWouldRunCode) {
  for (const char* global :
       {"os\nsystem", "posix\nsystem", "builtins\neval", "__builtin__\neval", "nt\nsystem",
        "subprocess\nPopen", "torch.hub\nload", "numpy\nload", "torch\nload",
        "torch.storage\n_load_from_bytes", "torch\nFloatStorage.__reduce__",
        "torch._utils\n_rebuild_tensor_v2.__globals__", "\n", "torch\n"}) {
    EXPECT_STATUS(Read(absl::StrCat("\x80\x02", "c", global, "\n.")), kUnimplemented, "w.bin",
                  "would run code");
  }
  EXPECT_STATUS(Read("\x80\x02"
                     "cos\nsystem\n."),
                kUnimplemented, "'os.system'");
  EXPECT_STATUS(Read("\x80\x04\x8c\x02os\x8c\x06system\x93."), kUnimplemented, "'os.system'");
}

TEST(PickleReaderTest, RefusesOpcodesThatImportOrCallOtherwise) {
  // INST, OBJ, PERSID, EXT1, NEWOBJ_EX, NEXT_BUFFER, READONLY_BUFFER, a letter that is none.
  for (const char opcode : {'i', 'o', 'P', '\x82', '\x92', '\x97', '\x98', '!'}) {
    EXPECT_STATUS(Read(std::string("\x80\x02", 2) + opcode + "."), kUnimplemented, "w.bin", "opcode 0x");
  }
  EXPECT_STATUS(Read(Raw("\x80\x06K\x01.")), kUnimplemented, "protocol 6");
  EXPECT_STATUS(Read(Raw("\x80\x01K\x01.")), kUnimplemented, "protocol 1");
  EXPECT_STATUS(Read("K\x01."), kDataLoss, "does not begin like one");
}

TEST(PickleReaderTest, RefusesWhatPythonCouldNotReadEither) {
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"nothing on the stack", Raw("\x80\x02.")},
      {"two objects", Raw("\x80\x02K\x01K\x02.")},
      {"a mark left", Raw("\x80\x02K\x01(.")},
      {"a tuple of too little", Raw("\x80\x02K\x01\x86.")},
      {"a tuple across a mark", Raw("\x80\x02K\x01(K\x02\x86.")},
      {"no mark", Raw("\x80\x02K\x01t.")},
      {"append to a dict", Raw("\x80\x02}K\x01"
                               "a.")},
      {"append to nothing", Raw("\x80\x02K\x01"
                                "a.")},
      {"items of a list", Raw("\x80\x02]K\x01K\x02s.")},
      {"a key alone", Raw("\x80\x02}(K\x01u.")},
      {"a memo never put", Raw("\x80\x02K\x01h\x05.")},
      {"a far memo", Raw("\x80\x02K\x01r\xff\xff\xff\x7f.")},
      {"a memo in a gap", Raw("\x80\x02K\x01q\x05h\x04.")},
      {"a call of a number", Raw("\x80\x02K\x01)R.")},
      {"a call with a list", Raw("\x80\x02"
                                 "ctorch\nSize\n]R.")},
      {"a call of a call", Raw("\x80\x02"
                               "ctorch\nSize\n)R)R.")},
      {"a global that is a number", Raw("\x80\x04K\x01K\x02\x93.")},
      {"a long of negative length", Raw("\x80\x02\x8b\xff\xff\xff\xff.")},
      {"a line that is no number", Raw("\x80\x02Iabc\n.")},
      {"an ordered dict of a number", Raw("\x80\x02"
                                          "ccollections\nOrderedDict\nK\x01\x85R.")},
      {"an ordered dict of no pairs", Raw("\x80\x02"
                                          "ccollections\nOrderedDict\n]K\x01"
                                          "a\x85R.")},
  };
  for (const auto& [intent, bytes] : cases) {
    EXPECT_STATUS(Read(bytes), kDataLoss, "w.bin", "damaged") << intent;
  }
}

TEST(PickleReaderTest, KeepsToItsMemory) {
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"values on the stack", "N"},   {"marks", "("},       {"lists", "]"},         {"dicts", "}"},
      {"memo", std::string("N\x94")}, {"duplicates", "N2"}, {"tuples", "))))\x87"},
  };
  for (const auto& [intent, piece] : cases) {
    std::string bytes = Raw("\x80\x04N");
    while (bytes.size() < kMemory) bytes += piece;
    EXPECT_STATUS(Read(bytes), kDataLoss, "w.bin", "more memory") << intent;
  }
}

TEST(PickleReaderTest, TakesContainersThatHoldThemselves) {
  ASSERT_OK_AND_ASSIGN(const Pickle pickle, Read(Raw("\x80\x02]q\x00h\x00"
                                                     "a.")));
  const PickleValue root = pickle.root();
  ASSERT_EQ(pickle.Elements(root).size(), 1u);
  EXPECT_EQ(pickle.Elements(root)[0].place(), root.place());
}

TEST(PickleReaderTest, TakesNestingOfAnyDepth) {
  std::string bytes = Raw("\x80\x02)");
  bytes.append(10000, '\x85');
  ASSERT_OK_AND_ASSIGN(const Pickle pickle, Read(bytes + "."));
  EXPECT_TRUE(pickle.root().is(PickleKind::kTuple));
}

}  // namespace
}  // namespace probesweep::worker
