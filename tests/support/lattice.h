/* lattice.h -- invented areas: a lattice of cells whose corners and sides are bent, and which share
** every border. */
#ifndef TESTS_LATTICE_H
#define TESTS_LATTICE_H

#include "areas/areas.h"

typedef struct Lattice {
    CoordBox box;
    int columns, rows;
    int bends; /* points on each side between two corners */
    u64 dice;
} Lattice;

/* Cells from the south-west, row by row; ids from 1, codes "000001" and on, level "cell". */
Area *lattice_areas(Arena *arena, Lattice *lattice);
i64 lattice_below(Lattice *lattice, i64 n); /* 0 … n-1 */
Point lattice_point(Lattice *lattice);      /* anywhere in the box */

#endif
