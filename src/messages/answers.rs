//! Answers that are messages of their own.

pub(super) mod announce;
pub(super) mod ask;
pub(super) mod host;
pub(super) mod info;
pub(super) mod people;
pub(super) mod plan;
pub(super) mod playbook;
pub(super) mod status;
pub(super) mod timeline;
pub(super) mod todos;
