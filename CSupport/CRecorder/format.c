/// Holds the recording's layout still: a change here is a change of WSR_VERSION.

#include "CRecorder.h"

_Static_assert(sizeof(wsr_stack) == 24 && offsetof(wsr_stack, count) == 16, "a part's addresses follow at 24");
_Static_assert(sizeof(wsr_image) == 1024, "four images a page");
_Static_assert(offsetof(wsr_image, build_id) == 48 && offsetof(wsr_image, path) == 80, "image");
_Static_assert(offsetof(wsr_header, sample_mean) == 32 && offsetof(wsr_header, stacks_offset) == 72, "header");
_Static_assert(offsetof(wsr_header, image_count) == 120 && sizeof(wsr_header) == 192, "header");
