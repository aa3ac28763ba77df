// SPDX-License-Identifier: Apache-2.0
// See taker.h.
#pragma once

#include "taker.h"
