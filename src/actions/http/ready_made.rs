//! The requests of the shipped plans to outside systems, as they arrive there. Held against the public documentation of
//! Vercel, Cloudflare, Anthropic, n8n and GitHub in November 2026.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tokio::sync::watch;

use crate::actions::testing::{Bench, Server, seen};
use crate::actions::{Execute as _, Status};
use crate::plan::{Action, Plan, Step, parse, shipped};

/// All steps of procedures and credentials that send a request, with where they stand.
fn requests(plan: &Plan) -> Vec<(String, Step)> {
    let procedures = plan.procedures.iter().map(|it| (&it.id, &it.steps));
    let credentials = plan.credentials.iter().map(|it| (&it.id, &it.steps));
    procedures
        .chain(credentials)
        .flat_map(|(id, steps)| steps.iter().map(move |step| (id.clone(), step.clone())))
        .filter(|(_, step)| matches!(step.action, Action::Http(_)))
        .collect()
}

async fn arrived(plan: &Plan) -> String {
    let mut told = String::new();
    for (id, step) in requests(plan) {
        let Action::Http(request) = &step.action else {
            continue;
        };
        let body = request.expect_body.as_deref().unwrap_or("{}");
        let server = Server::answering(request.expect_status[0], body).await;
        let mut bench = Bench::new();
        bench.plan = plan.clone();
        let connection = plan
            .connections
            .iter()
            .find(|it| it.id == request.connection)
            .unwrap();
        bench.set(&connection.address, server.url());
        for name in &connection.secrets {
            bench.set(name, format!("<secret {name}>"));
        }
        for name in &connection.settings {
            bench.set(name, name.to_lowercase());
        }
        bench.values.generated = Some("run".to_owned());
        for name in ["route", "workflow", "address"] {
            let value = if name == "address" {
                "203.0.113.9"
            } else {
                "abc"
            };
            bench.param(name, value);
        }
        let (_hold, stop) = watch::channel(false);
        let job = bench.job_of(step.clone());
        let done = seen(bench.live().execute(job, stop).await);
        assert_eq!(done.status, Status::Succeeded, "{id}: {}", done.summary);
        let requests = server.arrived();
        assert_eq!(requests.len(), 1, "{id}");
        let it = &requests[0];
        writeln!(told, "{id}: {} {}", it.method, it.path).unwrap();
        let own = ["host", "user-agent", "content-length", "accept"];
        let shown: BTreeMap<_, _> = it
            .headers
            .iter()
            .filter(|(name, value)| {
                !own.contains(&name.as_str()) || (*name == "accept" && *value != "*/*")
            })
            .collect();
        let secret = bench.live().generated().peek("run").unwrap();
        let masked = |text: &str| match &secret {
            Some(secret) => text.replace(secret.expose(), "<generated>"),
            None => text.to_owned(),
        };
        for (name, value) in shown {
            writeln!(told, "  {name}: {}", masked(value)).unwrap();
        }
        if !it.body.is_empty() {
            let body = masked(&it.body);
            serde_json::from_str::<serde_json::Value>(&body).unwrap();
            writeln!(told, "  {body}").unwrap();
        }
    }
    told
}

fn plan(id: &str) -> Plan {
    let (_, source) = shipped().into_iter().find(|(name, _)| *name == id).unwrap();
    parse(source).unwrap()
}

#[tokio::test]
async fn what_arrives_from_tars() {
    insta::assert_snapshot!(arrived(&plan("tars")).await, @r#"
    emergency_shutdown: POST /v1/projects/tars_vercel_project/pause?teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
    restore: POST /v1/projects/tars_vercel_project/unpause?teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
    disable_routes: PATCH /v1/security/firewall/config?projectId=tars_vercel_project&teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"action":"rules.update","id":"tars_vercel_api_rule","value":{"name":"breakglass: close API routes","active":true,"conditionGroup":[{"conditions":[{"type":"path","op":"pre","value":"/api/"}]}],"action":{"mitigate":{"action":"deny"}}}}
    enable_routes: PATCH /v1/security/firewall/config?projectId=tars_vercel_project&teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"action":"rules.update","id":"tars_vercel_api_rule","value":{"name":"breakglass: close API routes","active":false,"conditionGroup":[{"conditions":[{"type":"path","op":"pre","value":"/api/"}]}],"action":{"mitigate":{"action":"deny"}}}}
    close_route: PATCH /v1/security/firewall/config?projectId=tars_vercel_project&teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"action":"rules.update","id":"tars_vercel_route_rule","value":{"name":"breakglass: close one API route","active":true,"conditionGroup":[{"conditions":[{"type":"path","op":"pre","value":"/api/abc"}]}],"action":{"mitigate":{"action":"deny"}}}}
    open_route: PATCH /v1/security/firewall/config?projectId=tars_vercel_project&teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"action":"rules.update","id":"tars_vercel_route_rule","value":{"name":"breakglass: close one API route","active":false,"conditionGroup":[{"conditions":[{"type":"path","op":"pre","value":"/api/abc"}]}],"action":{"mitigate":{"action":"deny"}}}}
    disable_anthropic_key: POST /v1/organizations/api_keys/tars_anthropic_key_id
      anthropic-version: 2023-06-01
      content-type: application/json
      x-api-key: <secret TARS_ANTHROPIC_ADMIN_KEY>
      {"status":"inactive"}
    enable_anthropic_key: POST /v1/organizations/api_keys/tars_anthropic_key_id
      anthropic-version: 2023-06-01
      content-type: application/json
      x-api-key: <secret TARS_ANTHROPIC_ADMIN_KEY>
      {"status":"active"}
    stop_workflow: POST /api/v1/workflows/abc/deactivate
      x-n8n-api-key: <secret TARS_N8N_TOKEN>
    start_workflow: POST /api/v1/workflows/abc/activate
      x-n8n-api-key: <secret TARS_N8N_TOKEN>
    block_address_cloudflare: POST /client/v4/zones/tars_cloudflare_zone/firewall/access_rules/rules
      authorization: Bearer <secret TARS_CLOUDFLARE_TOKEN>
      content-type: application/json
      {"mode":"block","configuration":{"target":"ip","value":"203.0.113.9"},"notes":"breakglass SEC-2026-007"}
    attack_mode: POST /v1/security/attack-mode?teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"projectId":"tars_vercel_project","attackModeEnabled":true}
    attack_mode: PATCH /client/v4/zones/tars_cloudflare_zone/settings/security_level
      authorization: Bearer <secret TARS_CLOUDFLARE_TOKEN>
      content-type: application/json
      {"value":"under_attack"}
    attack_mode_off: POST /v1/security/attack-mode?teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"projectId":"tars_vercel_project","attackModeEnabled":false}
    attack_mode_off: PATCH /client/v4/zones/tars_cloudflare_zone/settings/security_level
      authorization: Bearer <secret TARS_CLOUDFLARE_TOKEN>
      content-type: application/json
      {"value":"medium"}
    nextauth_secret: POST /v10/projects/tars_vercel_project/env?upsert=true&teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"key":"NEXTAUTH_SECRET","value":"<generated>","type":"encrypted","target":["production"]}
    anthropic_api_key: POST /v1/organizations/api_keys/tars_anthropic_key_id
      anthropic-version: 2023-06-01
      content-type: application/json
      x-api-key: <secret TARS_ANTHROPIC_ADMIN_KEY>
      {"status":"inactive"}
    database_password: POST /v10/projects/tars_vercel_project/env?upsert=true&teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"key":"DATABASE_PASSWORD","value":"<generated>","type":"encrypted","target":["production"]}
    webhook_secrets: POST /v10/projects/tars_vercel_project/env?upsert=true&teamId=tars_vercel_team
      authorization: Bearer <secret TARS_VERCEL_TOKEN>
      content-type: application/json
      {"key":"WEBHOOK_SECRET","value":"<generated>","type":"encrypted","target":["production"]}
    webhook_secrets: POST /api/webhooks/n8n
      content-type: application/json
      x-webhook-secret: <generated>
      {"type":"test","data":{}}
    "#);
}

#[tokio::test]
async fn what_arrives_from_jarvis() {
    insta::assert_snapshot!(arrived(&plan("jarvis")).await, @r#"
    emergency_shutdown: POST /admin/emergency-shutdown
      authorization: Bearer <secret JARVIS_ADMIN_TOKEN>
    revoke_github_token: POST /credentials/revoke
      accept: application/vnd.github+json
      content-type: application/json
      x-github-api-version: 2022-11-28
      {"credentials":["<secret JARVIS_LEAKED_GITHUB_TOKEN>"]}
    block_address_cloudflare: POST /client/v4/zones/jarvis_cloudflare_zone/firewall/access_rules/rules
      authorization: Bearer <secret JARVIS_CLOUDFLARE_TOKEN>
      content-type: application/json
      {"mode":"block","configuration":{"target":"ip","value":"203.0.113.9"},"notes":"breakglass SEC-2026-007"}
    "#);
}
