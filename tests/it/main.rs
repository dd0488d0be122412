//! The stories.

mod edge;
