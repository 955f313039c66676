// Must end in a report of the sanitizer that it is called for (../asan.sh): "address" reads a freed block,
// "undefined" adds one to the largest integer, "leak" loses a block.
#include <climits>
#include <cstring>

int* volatile block = new int[4]();

int main(int argc, char** argv) {
  const char* kind = argc > 1 ? argv[1] : "";
  if (std::strcmp(kind, "address") == 0) {
    delete[] block;
    return block[argc];
  }
  if (std::strcmp(kind, "undefined") == 0) return (INT_MAX - 2 + argc) + 1 == 0;
  if (std::strcmp(kind, "leak") == 0) block = nullptr;
  return 0;
}
