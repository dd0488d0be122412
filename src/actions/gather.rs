//! Evidence is gathered: executed, hashed and stored in one go.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

use super::Values;
use crate::incident::{Approval, By};
use crate::plan::{Collector, Plan};

/// Collectors to run.
#[derive(Debug, Clone)]
pub struct Gathering {
    /// The leave to do it.
    pub approval: Approval,
    /// The plan revision that the incident runs under.
    pub plan: Arc<Plan>,
    /// What to gather, in this order.
    pub collectors: Vec<Collector>,
    /// What its placeholders stand for.
    pub values: Values,
    /// Who asked for it.
    pub asked_by: By,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// How many pieces were stored.
    pub stored: u32,
    /// What could not be gathered or stored, and why: one line each, without secrets.
    pub failures: Vec<String>,
}

/// Whoever gathers evidence, past failures: something is better than nothing. The same collectors may run again after a restart: pieces are added, never replaced.
pub trait Gather: Send + Sync + 'static {
    /// Runs collectors and stores what they yield. `stop` becomes true when it should end early.
    fn gather(
        &self,
        gathering: Gathering,
        stop: watch::Receiver<bool>,
    ) -> impl Future<Output = Gathered> + Send;
}
