//! `/healthz`: the process runs. `/readyz`: the ledger answers.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use super::Lever;

pub(super) fn routes<L: Lever>(lever: Arc<L>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready::<L>))
        .with_state(lever)
}

async fn ready<L: Lever>(State(lever): State<Arc<L>>) -> (StatusCode, &'static str) {
    if lever.is_ready().await {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the ledger does not answer\n",
        )
    }
}
