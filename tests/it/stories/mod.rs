//! Stories: what people do in a chat, and every message that they see because of it.

mod calm;
mod chats;
mod declare;
mod host;
mod hostile;
mod people;
mod reading;
mod work;
