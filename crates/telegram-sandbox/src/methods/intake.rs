//! How the bot gets its updates: webhook settings, and the methods that only say yes.

use serde_json::{Map, Value, json};

use super::{Answer, truth};
use crate::api_error::ApiError;
use crate::params::Params;
use crate::webhook::Webhook;
use crate::world::World;

pub(super) fn yes(_: &mut World, _: &mut Params) -> Answer {
    Ok(truth())
}

pub(super) fn nothing(_: &mut World, _: &mut Params) -> Answer {
    Ok(json!([]).to_string())
}

/// The list of update kinds that a call asks for; absent keeps the setting, and so does a value that is no list.
pub(crate) fn allowed_updates(params: &Params) -> Option<Vec<String>> {
    let list = params.nested("allowed_updates").ok().flatten()?;
    let list = list.as_array()?;
    Some(
        list.iter()
            .filter_map(|kind| kind.as_str().map(str::to_owned))
            .collect(),
    )
}

/// A plain-HTTP loopback address is taken here, unlike at the real server: tests need no certificate.
fn address_taken(url: &str) -> bool {
    let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    url.starts_with("https://") || loopback.iter().any(|start| url.starts_with(start))
}

pub(super) fn set_webhook(world: &mut World, params: &mut Params) -> Answer {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete_webhook(world, params);
    }
    if !address_taken(&url) {
        return Err(ApiError::bad(
            "bad webhook: An HTTPS URL must be provided for webhook",
        ));
    }
    let secret = params.text("secret_token").unwrap_or_default();
    if secret.len() > 256 {
        return Err(ApiError::bad("secret token is too long"));
    }
    if !secret
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    {
        return Err(ApiError::bad("secret token contains unallowed characters"));
    }
    world.queue.allow(allowed_updates(params));
    if params.flag("drop_pending_updates") {
        world.queue.drop_pending();
    }
    let connections = usize::try_from(
        params
            .integer("max_connections")
            .unwrap_or(40)
            .clamp(1, 100),
    )
    .unwrap_or(40);
    world.webhook = Some(Webhook::new(
        url,
        (!secret.is_empty()).then_some(secret),
        connections,
    ));
    world.queue.new_poll();
    Ok(truth())
}

pub(super) fn delete_webhook(world: &mut World, params: &mut Params) -> Answer {
    if params.flag("drop_pending_updates") {
        world.queue.drop_pending();
    }
    world.webhook = None;
    world.queue.taken.clear();
    Ok(truth())
}

pub(super) fn get_webhook_info(world: &mut World, _: &mut Params) -> Answer {
    let mut info = Map::new();
    info.insert(
        "url".into(),
        world.webhook.as_ref().map_or("", |hook| &hook.url).into(),
    );
    info.insert("has_custom_certificate".into(), false.into());
    info.insert("pending_update_count".into(), world.queue.len().into());
    if let Some(hook) = &world.webhook {
        info.insert("max_connections".into(), hook.max_connections.into());
        info.insert("ip_address".into(), "127.0.0.1".into());
        if let Some((date, text)) = &hook.last_error {
            info.insert("last_error_date".into(), (*date).into());
            info.insert("last_error_message".into(), text.clone().into());
        }
    }
    if let Some(allowed) = world.queue.allowed() {
        info.insert("allowed_updates".into(), json!(allowed));
    }
    Ok(Value::Object(info).to_string())
}
