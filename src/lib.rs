//! breakglass.
