/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_SKETCH_H
#define BURST_SKETCH_H

/*
 * How many different ones there were, about: HyperLogLog with 512 registers of 4 bits (256
 * bytes), read by Ertl's estimator (arXiv:1702.01284), which needs neither tables nor a
 * second method for small numbers. Standard error 4.6 %; right up to some millions.
 * Registers only grow, so that sketches merge.
 */

#include <stdint.h>

enum { SKETCH_REGISTERS = 512, SKETCH_BYTES = SKETCH_REGISTERS / 2 };

void sketch_add(uint8_t sketch[SKETCH_BYTES], uint64_t hash);
void sketch_merge(uint8_t into[SKETCH_BYTES], const uint8_t from[SKETCH_BYTES]);
uint64_t sketch_count(const uint8_t sketch[SKETCH_BYTES]);

#endif
