//! Files: documents and photos out, downloads in.

use serde_json::json;

use super::Answer;
use super::messages::send;
use crate::api_error::ApiError;
use crate::model::Media;
use crate::params::Params;
use crate::world::World;

/// Bytes that a bot may upload.
pub(crate) const UPLOAD: usize = 50 * 1024 * 1024;
const PHOTO: usize = 10 * 1024 * 1024;
/// Bytes that a bot may download.
const DOWNLOAD: usize = 20 * 1024 * 1024;

pub(super) fn send_document(world: &mut World, params: &mut Params) -> Answer {
    send_media(world, params, "document", false)
}

pub(super) fn send_photo(world: &mut World, params: &mut Params) -> Answer {
    send_media(world, params, "photo", true)
}

fn send_media(world: &mut World, params: &mut Params, field: &str, photo: bool) -> Answer {
    world.find_chat(&params.chat()?)?;
    let media = match params.upload(field) {
        Some(upload) => {
            if upload.bytes.is_empty() {
                return Err(ApiError::bad("file must be non-empty"));
            }
            if upload.bytes.len() > if photo { PHOTO } else { UPLOAD } {
                return Err(ApiError::too_large());
            }
            let size = upload.bytes.len();
            let file_id = world.store_file(&upload.name, upload.bytes);
            Media {
                photo,
                file_id,
                name: upload.name,
                size,
            }
        }
        None => known(world, &params.text(field).unwrap_or_default(), field, photo)?,
    };
    let stored = media.file_id.clone();
    let result = send(world, params, Some(media));
    if result.is_err() && !used(world, &stored) {
        world.files.remove(&stored);
    }
    result
}

/// Whether a message carries a file.
fn used(world: &World, file_id: &str) -> bool {
    world
        .chats
        .values()
        .flat_map(|chat| chat.messages.values())
        .any(|msg| {
            msg.content
                .media
                .as_ref()
                .is_some_and(|media| media.file_id == file_id)
        })
}

/// A file that is here already, by its id.
fn known(world: &World, id: &str, field: &str, photo: bool) -> Result<Media, ApiError> {
    if id.is_empty() {
        return Err(ApiError::bad(format!("there is no {field} in the request")));
    }
    if id.starts_with("http://") || id.starts_with("https://") {
        return Err(ApiError::bad("failed to get HTTP URL content"));
    }
    let file = world
        .files
        .get(id)
        .ok_or_else(|| ApiError::bad("wrong file identifier/HTTP URL specified"))?;
    Ok(Media {
        photo,
        file_id: id.to_owned(),
        name: file.name.clone(),
        size: file.bytes.len(),
    })
}

/// Where a file is fetched: relative to `/file/bot<token>/`.
pub(crate) fn file_path(id: &str, name: &str) -> String {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending)
        .filter(|ending| ending.chars().all(|c| c.is_ascii_alphanumeric()));
    format!(
        "documents/{id}{}",
        ending
            .map(|ending| format!(".{ending}"))
            .unwrap_or_default()
    )
}

pub(super) fn get_file(world: &mut World, params: &mut Params) -> Answer {
    let id = params.text("file_id").unwrap_or_default();
    let file = world
        .files
        .get(&id)
        .ok_or_else(|| ApiError::bad("invalid file_id"))?;
    if file.bytes.len() > DOWNLOAD {
        return Err(ApiError::bad("file is too big"));
    }
    let path = file_path(&id, &file.name);
    let size = file.bytes.len();
    Ok(json!({
        "file_id": id, "file_unique_id": format!("U{id}"), "file_size": size, "file_path": path,
    })
    .to_string())
}
