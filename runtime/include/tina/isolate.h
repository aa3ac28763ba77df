// SPDX-License-Identifier: Apache-2.0
// What a generated header needs to declare isolates: identities, contexts, effects. Handlers get it
// by including their generated header. Invariant: pulls in no system header, so handler files
// compile fast.
#pragma once

#include "tina/context.h"
#include "tina/effect.h"
#include "tina/handle.h"
#include "tina/owned.h"
#include "tina/resolve.h"
#include "tina/route.h"
