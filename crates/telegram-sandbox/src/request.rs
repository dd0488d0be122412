//! Reads the body of a Bot API call in any of its three forms.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::api_error::ApiError;
use crate::methods::UPLOAD;
use crate::params::{Params, Upload, parse_form};

/// Room for a file and the fields around it.
const BODY: usize = UPLOAD + 1024 * 1024;

/// Parameters from the query and the body; the body wins.
pub(crate) async fn read(request: Request) -> Result<Params, ApiError> {
    let mut params = Params::default();
    if let Some(query) = request.uri().query() {
        parse_form(query, &mut params.map);
    }
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        multipart(request, &mut params).await?;
        return Ok(params);
    }
    let body = to_bytes(request.into_body(), BODY)
        .await
        .map_err(|_| ApiError::too_large())?;
    if body.is_empty() {
        return Ok(params);
    }
    if kind.starts_with("application/json") {
        match serde_json::from_slice(&body) {
            Ok(Value::Object(map)) if params.map.is_empty() => params.map = map,
            Ok(Value::Object(map)) => params.map.extend(map),
            _ => return Err(ApiError::bad("can't parse JSON object")),
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        parse_form(&String::from_utf8_lossy(&body), &mut params.map);
    }
    Ok(params)
}

async fn multipart(request: Request<Body>, params: &mut Params) -> Result<(), ApiError> {
    let broken = |_| ApiError::bad("can't parse multipart form data");
    let mut request = request;
    // Without it axum stops reading at its own 2 MB.
    axum::extract::DefaultBodyLimit::max(BODY).apply(&mut request);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| ApiError::bad("can't parse multipart form data"))?;
    let mut total = 0;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            total += chunk.len();
            if total > BODY {
                return Err(ApiError::too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        match file_name {
            Some(file) => {
                params.files.insert(name, Upload { name: file, bytes });
            }
            None => {
                params.map.insert(
                    name,
                    Value::String(String::from_utf8_lossy(&bytes).into_owned()),
                );
            }
        }
    }
    Ok(())
}
