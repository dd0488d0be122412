//! The services outside, in the shape of their public APIs, as far as the plans call them: Vercel, Cloudflare, n8n,
//! Anthropic, GitHub.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{patch, post};
use serde_json::{Value, json};

use super::routes::{Here, Refused, bears, refused};
use super::{Machine, secrets};

type Answer = Result<Response, Refused>;

pub(super) fn routes() -> Router<Arc<Machine>> {
    Router::new()
        .route("/v1/projects/{project}/pause", post(pause))
        .route("/v1/projects/{project}/unpause", post(unpause))
        .route("/v1/security/attack-mode", post(attack_mode))
        .route("/v1/security/firewall/config", patch(firewall))
        .route("/v10/projects/{project}/env", post(env))
        .route(
            "/client/v4/zones/{zone}/settings/security_level",
            patch(security_level),
        )
        .route(
            "/client/v4/zones/{zone}/firewall/access_rules/rules",
            post(access_rule),
        )
        .route("/api/v1/workflows/{id}/deactivate", post(deactivate))
        .route("/api/v1/workflows/{id}/activate", post(activate))
        .route("/v1/organizations/api_keys/{id}", post(anthropic_key))
        .route("/credentials/revoke", post(github_revoke))
}

fn vercel(headers: &HeaderMap) -> Result<(), Refused> {
    if bears(headers, secrets::VERCEL) {
        Ok(())
    } else {
        Err(refused(StatusCode::FORBIDDEN, "Not authorized"))
    }
}

fn project(headers: &HeaderMap, project: &str) -> Result<(), Refused> {
    vercel(headers)?;
    if project == "prj_demo" {
        Ok(())
    } else {
        Err(refused(StatusCode::NOT_FOUND, "Project not found"))
    }
}

fn read(body: &Bytes) -> Result<Value, Refused> {
    serde_json::from_slice(body).map_err(|_| refused(StatusCode::BAD_REQUEST, "Invalid JSON"))
}

async fn pause(State(machine): Here, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    project(&headers, &id)?;
    machine.outside().paused = true;
    Ok(StatusCode::OK.into_response())
}

async fn unpause(State(machine): Here, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    project(&headers, &id)?;
    machine.outside().paused = false;
    Ok(StatusCode::OK.into_response())
}

async fn attack_mode(State(machine): Here, headers: HeaderMap, body: Bytes) -> Answer {
    vercel(&headers)?;
    let on = read(&body)?["attackModeEnabled"].as_bool();
    let on = on.ok_or_else(|| refused(StatusCode::BAD_REQUEST, "attackModeEnabled is missing"))?;
    machine.outside().challenged = on;
    Ok(Json(json!({ "attackModeEnabled": on })).into_response())
}

async fn firewall(State(machine): Here, headers: HeaderMap, body: Bytes) -> Answer {
    vercel(&headers)?;
    let asked = read(&body)?;
    let active = asked["value"]["active"].as_bool();
    let known = asked["action"] == "rules.update"
        && ["rule_breakglass_api", "rule_breakglass_route"]
            .iter()
            .any(|rule| asked["id"] == *rule);
    let active = active
        .filter(|_| known)
        .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "no such rule"))?;
    machine.outside().api_closed = active;
    Ok(Json(json!({})).into_response())
}

async fn env(
    State(machine): Here,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    project(&headers, &id)?;
    let asked = read(&body)?;
    let (Some(key), Some(value)) = (asked["key"].as_str(), asked["value"].as_str()) else {
        return Err(refused(StatusCode::BAD_REQUEST, "key and value are needed"));
    };
    let mut outside = machine.outside();
    outside.env.insert(key.to_owned(), value.to_owned());
    let created = json!({ "created": { "key": key }, "failed": [] });
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

fn cloudflare(headers: &HeaderMap, zone: &str) -> Result<(), Refused> {
    if bears(headers, secrets::CLOUDFLARE) && zone == "zone_demo" {
        Ok(())
    } else {
        Err(refused(StatusCode::FORBIDDEN, "Authentication error"))
    }
}

async fn security_level(
    State(machine): Here,
    Path(zone): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    cloudflare(&headers, &zone)?;
    let asked = read(&body)?;
    let level = asked["value"]
        .as_str()
        .filter(|it| ["off", "low", "medium", "high", "under_attack"].contains(it))
        .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "Invalid value"))?;
    machine.outside().level = Some(level.to_owned());
    let result = json!({ "success": true, "result": { "id": "security_level", "value": level } });
    Ok(Json(result).into_response())
}

async fn access_rule(
    State(machine): Here,
    Path(zone): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    cloudflare(&headers, &zone)?;
    let asked = read(&body)?;
    let address = asked["configuration"]["value"]
        .as_str()
        .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "configuration is missing"))?;
    let file = machine.root.join("blocked");
    let mut blocked = std::fs::read_to_string(&file).unwrap_or_default();
    blocked.push_str(&address.replace(char::is_whitespace, ""));
    blocked.push('\n');
    std::fs::write(&file, blocked)
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()))?;
    Ok(Json(json!({ "success": true })).into_response())
}

fn n8n(headers: &HeaderMap) -> Result<(), Refused> {
    let given = headers.get("x-n8n-api-key").map(HeaderValue::as_bytes);
    if given == Some(secrets::N8N.as_bytes()) {
        Ok(())
    } else {
        Err(refused(StatusCode::UNAUTHORIZED, "unauthorized"))
    }
}

async fn deactivate(State(machine): Here, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    n8n(&headers)?;
    let answer = json!({ "id": id, "active": false });
    machine.outside().idle_workflows.push(id);
    Ok(Json(answer).into_response())
}

async fn activate(State(machine): Here, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    n8n(&headers)?;
    machine.outside().idle_workflows.retain(|it| *it != id);
    Ok(Json(json!({ "id": id, "active": true })).into_response())
}

/// Anthropic's admin API changes the state of a key.
async fn anthropic_key(Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    if !headers.contains_key("x-api-key") || !headers.contains_key("anthropic-version") {
        return Err(refused(StatusCode::UNAUTHORIZED, "authentication_error"));
    }
    let status = read(&body)?["status"].clone();
    Ok(Json(json!({ "id": id, "type": "api_key", "status": status })).into_response())
}

/// GitHub revokes leaked tokens, whoever reports them.
async fn github_revoke(body: Bytes) -> Answer {
    let asked = read(&body)?;
    match asked["credentials"].as_array() {
        Some(all) if !all.is_empty() => Ok(StatusCode::ACCEPTED.into_response()),
        _ => Err(refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "credentials is missing",
        )),
    }
}
