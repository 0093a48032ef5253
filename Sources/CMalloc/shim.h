#pragma once

// The Glibc module of Swift leaves out malloc.h.
#include <malloc.h>

/// Lets all threads share so many heaps; 1 when the setting was taken.
static inline int cmalloc_limit_arenas(int count) { return mallopt(M_ARENA_MAX, count); }

