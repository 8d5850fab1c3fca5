/* packed.h -- the files the program carries, made by tools/pack.py. */
#ifndef PACKED_H
#define PACKED_H

#include "files/files.h"

extern const PackedFile PACKED_FILES[];
extern const size_t PACKED_FILES_N;

#endif
