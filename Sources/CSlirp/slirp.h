// libslirp, found through pkg-config (Debian: libslirp-dev). GLib comes with it: its log handlers keep libslirp's
// messages off standard error.
#include <glib.h>
#include <slirp/libslirp.h>
