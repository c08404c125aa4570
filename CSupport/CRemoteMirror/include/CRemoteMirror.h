/// The C interface of `libswiftRemoteMirror`, as far as Weakspot calls it.
///
/// The library ships with every Swift toolchain and runtime; its header ships with neither. These are our own declarations
/// of its binary interface (major version 3: Swift 5.9 to 6.3). Nothing is linked: each function is a pointer
/// type, filled in by `dlsym`. Why C: Swift cannot write down a C struct that is passed by value.
///
/// A context is not safe to use from two threads. Addresses and type references are 64-bit numbers.
#ifndef CREMOTEMIRROR_H
#define CREMOTEMIRROR_H

#include <stddef.h>
#include <stdint.h>

typedef struct wm_context *wm_context_ref;
/// A type, unique within its context; 0: none.
typedef uint64_t wm_type_ref;

enum wm_layout_kind {
  wm_unknown = 0,
  wm_builtin = 1,
  wm_raw_pointer = 2,
  wm_tuple = 3,
  wm_struct = 4,
  wm_no_payload_enum = 5,
  wm_single_payload_enum = 6,
  wm_multi_payload_enum = 7,
  wm_thick_function = 8,
  wm_opaque_existential = 9,
  wm_class_existential = 10,
  wm_error_existential = 11,
  wm_existential_metatype = 12,
  wm_strong_reference = 13,
  wm_unowned_reference = 14,
  wm_weak_reference = 15,
  wm_unmanaged_reference = 16,
  wm_class_instance = 17,
  wm_closure_context = 18,
  wm_array = 19,
};

/// The layout of a value; `kind` is a `wm_layout_kind`, sizes are in bytes.
typedef struct wm_type_info {
  uint32_t kind;
  uint32_t size;
  uint32_t alignment;
  uint32_t stride;
  uint32_t field_count;
} wm_type_info;

/// A field, an enum case or a capture; `name` belongs to the context.
typedef struct wm_child_info {
  const char *_Nullable name;
  uint32_t offset;
  uint32_t kind;
  wm_type_ref type;
} wm_child_info;

/// A section as it lies in our memory, and where it lies in the target's.
typedef struct wm_section {
  const void *_Nullable begin;
  const void *_Nullable end;
  uint64_t remote_start;
  uint64_t remote_size;
} wm_section;

/// The reflection sections of one image; a section that is not there is all zeros.
typedef struct wm_reflection_sections {
  wm_section fields;            // swift5_fieldmd
  wm_section associated_types;  // swift5_assocty
  wm_section builtin_types;     // swift5_builtin
  wm_section captures;          // swift5_capture
  wm_section type_references;   // swift5_typeref
  wm_section strings;           // swift5_reflstr
} wm_reflection_sections;

_Static_assert(sizeof(wm_type_info) == 20, "passed by value");
_Static_assert(sizeof(wm_child_info) == 24, "passed by value");
_Static_assert(sizeof(wm_reflection_sections) == 192, "passed by value");

// What the library asks of us. `reader` is what the context was created with.

/// Answers a question about the target's data layout into `output`; 0: no answer.
typedef int (*wm_query_data_layout)(void *_Nullable reader, uint32_t question, void *_Nullable input,
                                    void *_Nullable output);
/// `size` bytes of the target's memory, or null; `free_context` travels to `wm_free_bytes`.
typedef const void *_Nullable (*wm_read_bytes)(void *_Nullable reader, uint64_t address, uint64_t size,
                                               void *_Nullable *_Nullable free_context);
typedef void (*wm_free_bytes)(void *_Nullable reader, const void *_Nullable bytes, void *_Nullable free_context);
/// The length of the string at `address`, without its zero; 0: none.
typedef uint64_t (*wm_string_length)(void *_Nullable reader, uint64_t address);
/// The address of a symbol of the target; 0: none.
typedef uint64_t (*wm_symbol_address)(void *_Nullable reader, const char *_Nullable name, uint64_t length);

// What we ask of the library. The symbol's name stands behind each type.

typedef wm_context_ref _Nullable (*wm_create)(
    void *_Nullable reader, wm_query_data_layout _Nonnull layout, wm_free_bytes _Nonnull free,
    wm_read_bytes _Nonnull read, wm_string_length _Nonnull length,
    wm_symbol_address _Nonnull symbol);  // swift_reflection_createReflectionContextWithDataLayout
typedef void (*wm_destroy)(wm_context_ref _Nonnull);  // swift_reflection_destroyReflectionContext
typedef void (*wm_add_sections)(wm_context_ref _Nonnull,
                                wm_reflection_sections);  // swift_reflection_addReflectionMappingInfo
typedef wm_type_ref (*wm_type_of_metadata)(wm_context_ref _Nonnull,
                                           uint64_t metadata);  // swift_reflection_typeRefForMetadata
/// A mangled name without `$s` and without symbolic references.
typedef wm_type_ref (*wm_type_of_name)(wm_context_ref _Nonnull, const char *_Nonnull name,
                                       uint64_t length);  // swift_reflection_typeRefForMangledTypeName
typedef wm_type_info (*wm_info_of_type)(wm_context_ref _Nonnull, wm_type_ref);  // swift_reflection_infoForTypeRef
/// Also `…_infoForMetadata` and `…_infoForInstance`: the number is a metadata pointer or an object.
typedef wm_type_info (*wm_info_of_address)(wm_context_ref _Nonnull, uint64_t address);
typedef wm_child_info (*wm_child_of_type)(wm_context_ref _Nonnull, wm_type_ref,
                                          uint32_t index);  // swift_reflection_childOfTypeRef
/// Also `…_childOfMetadata` and `…_childOfInstance`.
typedef wm_child_info (*wm_child_of_address)(wm_context_ref _Nonnull, uint64_t address, uint32_t index);
/// 1 and the case's index, or 0.
typedef int (*wm_project_enum)(wm_context_ref _Nonnull, uint64_t address, wm_type_ref,
                               int *_Nonnull case_index);  // swift_reflection_projectEnumValue
/// `…_copyNameForTypeRef`: the name (mangled: 1, as Swift writes it: 0), to be freed with `free`; null: none.
typedef char *_Nullable (*wm_copy_name)(wm_context_ref _Nonnull, wm_type_ref type, uint32_t mangled);
typedef uint32_t (*wm_argument_count)(wm_type_ref);  // swift_reflection_genericArgumentCountOfTypeRef
typedef wm_type_ref (*wm_argument)(wm_type_ref, uint32_t index);  // swift_reflection_genericArgumentOfTypeRef

#endif
