/*
 * <xpc/xpc.h> for Linux: the values that vmnet's functions take and give, and nothing else of macOS's XPC.
 *
 * A value has a type and a count of references. Whoever gets one from a function with `create` or `copy` in its name,
 * or from xpc_retain, owns a reference and gives it back with xpc_release. Every other function that returns a value
 * lends
 * it: it lives as long as the collection it came from holds it. Dictionaries and arrays retain what is put into them.
 *
 * Threads: values may be retained, released and read by any thread at any time. A dictionary or array may not be
 * changed while another thread uses it; everything else never changes.
 *
 * Errors: these functions have no statuses. What is not there, is NULL or is of another type reads as 0, false or NULL,
 * and writing to what is no dictionary does nothing.
 */
#ifndef XPC_XPC_H
#define XPC_XPC_H

/* Programs for macOS get these with <xpc/xpc.h>, and rely on it. */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>
#if defined(__BLOCKS__) && __has_include(<dispatch/dispatch.h>)
#include <dispatch/dispatch.h>
#endif
#if __has_include(<uuid/uuid.h>) && !defined(XPC_WITHOUT_UUID)
#include <uuid/uuid.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A value of any type. */
typedef void *xpc_object_t;

/* A type, by its address: xpc_get_type(value) == XPC_TYPE_STRING. */
typedef const struct _xpc_type_s *xpc_type_t;

struct _xpc_type_s {
    /* As xpc_type_get_name gives it. */
    const char *name;
};

extern const struct _xpc_type_s _xpc_type_array;
extern const struct _xpc_type_s _xpc_type_bool;
extern const struct _xpc_type_s _xpc_type_data;
extern const struct _xpc_type_s _xpc_type_dictionary;
extern const struct _xpc_type_s _xpc_type_int64;
extern const struct _xpc_type_s _xpc_type_null;
extern const struct _xpc_type_s _xpc_type_string;
extern const struct _xpc_type_s _xpc_type_uint64;
extern const struct _xpc_type_s _xpc_type_uuid;

#define XPC_TYPE_ARRAY (&_xpc_type_array)
#define XPC_TYPE_BOOL (&_xpc_type_bool)
#define XPC_TYPE_DATA (&_xpc_type_data)
#define XPC_TYPE_DICTIONARY (&_xpc_type_dictionary)
#define XPC_TYPE_INT64 (&_xpc_type_int64)
#define XPC_TYPE_NULL (&_xpc_type_null)
#define XPC_TYPE_STRING (&_xpc_type_string)
#define XPC_TYPE_UINT64 (&_xpc_type_uint64)
#define XPC_TYPE_UUID (&_xpc_type_uuid)

/* ---- Any value ---- */

/* Adds a reference, which the caller owns. Returns the value itself. */
xpc_object_t xpc_retain(xpc_object_t object);

/* Gives back a reference of the caller's; with the last one the value ends, and its references to others with it. */
void xpc_release(xpc_object_t object);

/* The type, which is one of XPC_TYPE_*. */
xpc_type_t xpc_get_type(xpc_object_t object);

/* What a type is called: "string", "dictionary", ... Never freed. */
const char *xpc_type_get_name(xpc_type_t type);

/* Whether two values have the same type and content; collections, whether their values do. */
bool xpc_equal(xpc_object_t object1, xpc_object_t object2);

/* The value in words, over several lines for collections; made for people, not for programs. The caller frees it:
   free(). */
char *xpc_copy_description(xpc_object_t object);

/* ---- Single values: `create` gives the caller a reference ---- */

xpc_object_t xpc_null_create(void);

xpc_object_t xpc_bool_create(bool value);
bool xpc_bool_get_value(xpc_object_t object);

xpc_object_t xpc_int64_create(int64_t value);
int64_t xpc_int64_get_value(xpc_object_t object);

xpc_object_t xpc_uint64_create(uint64_t value);
uint64_t xpc_uint64_get_value(xpc_object_t object);

/* Copies the text up to its NUL. */
xpc_object_t xpc_string_create(const char *string);
/* Bytes of the text, without the NUL. */
size_t xpc_string_get_length(xpc_object_t object);
/* The text, which lives as long as the value. */
const char *xpc_string_get_string_ptr(xpc_object_t object);

/* Copies 16 bytes. */
xpc_object_t xpc_uuid_create(const unsigned char *uuid);
/* The 16 bytes, which live as long as the value. */
const uint8_t *xpc_uuid_get_bytes(xpc_object_t object);

/* Copies `length` bytes; `bytes` may be NULL when that is 0. */
xpc_object_t xpc_data_create(const void *bytes, size_t length);
size_t xpc_data_get_length(xpc_object_t object);
/* The bytes, which live as long as the value; NULL when there are none. */
const void *xpc_data_get_bytes_ptr(xpc_object_t object);

/* ---- Dictionaries: values by text ---- */

/* A dictionary of `count` pairs, whose keys are copied and whose values are retained; `keys` and `values` may be NULL
   when there are none. The caller owns a reference. */
xpc_object_t xpc_dictionary_create(
    const char *const *keys, const xpc_object_t *values, size_t count);

/* An empty dictionary. The caller owns a reference. */
xpc_object_t xpc_dictionary_create_empty(void);

/* Pairs in it. */
size_t xpc_dictionary_get_count(xpc_object_t dictionary);

/* Copies the key and retains the value, in place of what the key had; a NULL value removes the key. */
void xpc_dictionary_set_value(xpc_object_t dictionary, const char *key, xpc_object_t value);
void xpc_dictionary_set_bool(xpc_object_t dictionary, const char *key, bool value);
void xpc_dictionary_set_int64(xpc_object_t dictionary, const char *key, int64_t value);
void xpc_dictionary_set_uint64(xpc_object_t dictionary, const char *key, uint64_t value);
/* Copies the text. */
void xpc_dictionary_set_string(xpc_object_t dictionary, const char *key, const char *string);
/* Copies 16 bytes. */
void xpc_dictionary_set_uuid(xpc_object_t dictionary, const char *key, const unsigned char *uuid);
/* Copies `length` bytes. */
void xpc_dictionary_set_data(xpc_object_t dictionary, const char *key, const void *bytes, size_t length);

/* The value lent, or NULL; xpc_retain it to keep it. */
xpc_object_t xpc_dictionary_get_value(xpc_object_t dictionary, const char *key);
bool xpc_dictionary_get_bool(xpc_object_t dictionary, const char *key);
int64_t xpc_dictionary_get_int64(xpc_object_t dictionary, const char *key);
uint64_t xpc_dictionary_get_uint64(xpc_object_t dictionary, const char *key);
/* The text lent, as long as the dictionary holds the value. */
const char *xpc_dictionary_get_string(xpc_object_t dictionary, const char *key);
/* The 16 bytes lent, as long as the dictionary holds the value. */
const uint8_t *xpc_dictionary_get_uuid(xpc_object_t dictionary, const char *key);
/* The bytes lent, as long as the dictionary holds the value; their number in *length unless that is NULL. */
const void *xpc_dictionary_get_data(
    xpc_object_t dictionary, const char *key, size_t *length);

/* ---- Arrays ---- */

/* Where xpc_array_set_value puts a value behind the last one. */
#define XPC_ARRAY_APPEND ((size_t)-1)

/* An array of `count` values, which it retains; `objects` may be NULL when there are none. The caller owns a reference.
   */
xpc_object_t xpc_array_create(const xpc_object_t *objects, size_t count);
xpc_object_t xpc_array_create_empty(void);

/* Values in it. */
size_t xpc_array_get_count(xpc_object_t array);

/* Retains the value and puts it behind the last one. */
void xpc_array_append_value(xpc_object_t array, xpc_object_t value);

/* Retains the value, in place of the one there; `index` is below the count, or XPC_ARRAY_APPEND. */
void xpc_array_set_value(xpc_object_t array, size_t index, xpc_object_t value);

/* The value lent, or NULL beyond the end; xpc_retain it to keep it. */
xpc_object_t xpc_array_get_value(xpc_object_t array, size_t index);
bool xpc_array_get_bool(xpc_object_t array, size_t index);
int64_t xpc_array_get_int64(xpc_object_t array, size_t index);
uint64_t xpc_array_get_uint64(xpc_object_t array, size_t index);
/* The text lent, as long as the array holds the value. */
const char *xpc_array_get_string(xpc_object_t array, size_t index);

/* ---- Loops ---- */

#ifdef __BLOCKS__
typedef bool (^xpc_dictionary_applier_t)(const char *key, xpc_object_t value);
typedef bool (^xpc_array_applier_t)(size_t index, xpc_object_t value);

/* Calls the block for each pair, on this thread and before it returns, in the order in which the keys came, until the
   block returns false. The block may not change the dictionary. Returns whether every call returned true. */
bool xpc_dictionary_apply(xpc_object_t dictionary, __attribute__((noescape)) xpc_dictionary_applier_t applier);

/* The same for each value of an array, in their order. */
bool xpc_array_apply(xpc_object_t array, __attribute__((noescape)) xpc_array_applier_t applier);
#endif

#ifdef __cplusplus
}
#endif

#endif
