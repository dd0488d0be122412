//! Safety rules for single values of a plan: statements, command lines, paths, links, secrets.

pub(super) mod argv;
pub(super) mod links;
pub(super) mod paths;
pub(super) mod placeholders;
pub(super) mod secrets;
pub(super) mod sql;

/// What is wrong and what to do about it.
pub(super) type Objection = (&'static str, &'static str);

#[cfg(test)]
mod tests;
