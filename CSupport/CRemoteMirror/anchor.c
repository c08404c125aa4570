// SwiftPM wants a source file in a C target; everything else here is declarations.
#include "CRemoteMirror.h"
