//! Answers that are messages of their own.

pub(super) mod announce;
pub(super) mod ask;
pub(super) mod audit;
pub(super) mod choices;
pub(super) mod credentials;
pub(super) mod drill;
pub(super) mod evidence;
pub(super) mod host;
pub(super) mod info;
pub(super) mod leak;
pub(super) mod notify;
pub(super) mod people;
pub(super) mod plan;
pub(super) mod playbook;
pub(super) mod requests;
pub(super) mod run;
pub(super) mod status;
pub(super) mod timeline;
pub(super) mod todos;
pub(super) mod totp;
