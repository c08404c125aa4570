// A C++ object with a virtual table, and a block that only a variable of this library holds.
#include <cstdlib>

namespace toolkit {
struct Widget {
  long value = 1;
  virtual ~Widget() {}
};
template <typename T> struct Button : Widget {
  T extra{};
  ~Button() override {}
};
}  // namespace toolkit

extern "C" void **held_by_widget;
void **held_by_widget;

extern "C" void *make_widget() { return new toolkit::Button<int>(); }

extern "C" void *hold_block() {
  held_by_widget = static_cast<void **>(calloc(1, 200));
  held_by_widget[3] = calloc(1, 100);
  return held_by_widget[3];
}
